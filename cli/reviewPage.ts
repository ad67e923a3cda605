import { ownerTexts } from "../provider/identity/placedEntry";
import {
  type AccessReview,
  type ReviewedCluster,
  type ReviewedEntry,
  type ReviewedIdentity,
  type ReviewedPrincipal,
  type ReviewRule,
  reviewRules,
  severityOf,
} from "../provider/reports/accessReview";
import { everything } from "../provider/reports/reviewChanges";
import { describeTrusted } from "../provider/reports/trust";
import { plural, printable } from "../provider/text/text";
import { policy, style } from "./reviewStyle";
import { changesIn, entryText, figuresOf, noIdentity, said } from "./reviewText";

/** A piece of HTML. Only `html` creates one, so that all text on the page is escaped. */
class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

function html(strings: TemplateStringsArray, ...parts: readonly (string | Html | readonly Html[])[]): Html {
  const sources = parts.map((part) =>
    [part].flat().map((one) => (typeof one === "string" ? escaped(one) : one.source)),
  );
  return new Html(strings.map((string, index) => string + (sources[index] ?? []).join("")).join(""));
}

/** Escapes HTML. Shows control characters and those that change the text direction as escapes, as in a terminal. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A review as a self-contained HTML page without network access and scripts. */
export function renderPage(review: AccessReview, version: string): string {
  const { createdAt, clusters, unread } = review;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Access review, ${dateText(createdAt)}</title>
<style>${new Html(style)}</style>
</head>
<body>
<header>
<h1>Access review</h1>
<p class="muted">Who has access to EKS clusters through aws-auth and access entries. Created with pulumi-aws-auth ${version}, <time datetime="${createdAt}">${dateText(createdAt)}</time>.</p>
<p class="figures">${figuresOf(clusters).map((figure) => html`<span>${figure}</span> `)}</p>
</header>
<main>
${listSection("Could not be read", [
  ...unread.map(({ name, message }) => html`${tag("bad", "not read")} <b>${name}</b> ${message}`),
  ...clusters.flatMap(({ name, unknown }, index) =>
    unknown.map((text) => html`${tag("bad", "unknown")} <a href="#cluster-${String(index)}">${name}</a> ${text}`),
  ),
])}
${findingsSection(clusters)}
${changesSection(review)}
${clusters.map((cluster, index) => clusterSection(cluster, String(index), review))}
</main>
<footer>
<p>Rights are those that bindings and access policies give, except those of every authenticated user. Access of the creator of a cluster in mode CONFIG_MAP is not shown. IAM keeps the last use of a role, which is its latest request to AWS, for 400 days. Logins to a cluster may not be recorded.</p>
</footer>
</body>
</html>
`.source;
}

function dateText(time: string): string {
  return `${inUtc(time, { dateStyle: "long", timeStyle: "short" })} UTC`;
}

function inUtc(time: string, style: Intl.DateTimeFormatOptions): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toLocaleString("en-GB", { ...style, timeZone: "UTC" });
}

type Tone = "good" | "quiet" | "warn" | "bad";

function tag(tone: Tone, text: string): Html {
  return html`<span class="tag ${tone}">${text}</span>`;
}

function listSection(title: string, items: readonly Html[], isShown = items.length > 0): Html {
  return isShown ? html`<section><h2>${title}</h2>${folded(items, 10)}</section>` : html``;
}

function changesSection({ changes, clusters }: AccessReview): Html {
  const { since = "", identities = [], unknown = [] } = changes ?? {};
  const changed = identities.map(({ cluster, identity, change, gains, loses }) => {
    const tone = gains.includes(everything) ? "bad" : change === "gone" ? "quiet" : "good";
    const name = clusters.find(({ id }) => id === cluster)?.name ?? cluster;
    const clauses = [...said("gains", gains), ...said("loses", loses)].map((text) => html`<br>${text}`);
    return html`${tag(tone, change)} <code>${identity}</code> <span class="muted">in ${name}</span>${clauses}`;
  });
  const skipped = unknown.map((text) => html`${tag("warn", "unknown")} ${text}`);
  const title = `${plural(identities.length, "change")} since the review of ${dateText(since)}`;
  return listSection(title, [...changed, ...skipped], changes !== undefined);
}

function findingsSection(clusters: readonly ReviewedCluster[]): Html {
  const all = clusters.flatMap(({ name, identities }, cluster) =>
    identities.map((one, index) => {
      const rules = new Set(one.findings.map(({ rule }) => rule));
      return { identity: one.identity, rules, severity: severityOf(one), name, link: `#identity-${cluster}-${index}` };
    }),
  );
  all.sort((a, b) => b.severity - a.severity);
  const items = reviewRules.flatMap((rule) => {
    const found = all.filter(({ rules }) => rules.has(rule));
    const links = [...new Set(found.map(({ identity }) => identity))].map((identity) => {
      const same = found.filter((one) => one.identity === identity);
      const others = reviewRules.filter((other) => other !== rule && same.some(({ rules }) => rules.has(other)));
      const tags = others.filter((other) => ruleTexts[other][0] !== "quiet").map((other) => html`${ruleTag(other)} `);
      const [{ link, name } = { link: "", name: "" }] = same;
      const where = same.length > 1 ? `${same.length} clusters` : clusters.length > 1 ? name : "";
      return html`<a href="${link}"><code>${shortName(identity)}</code></a> ${tags}<span class="muted">${where}</span>`;
    });
    const count = plural(found.length, "finding");
    const row = html`<dt>${ruleTag(rule)} ${count}</dt><dd>${ruleTexts[rule][1]}</dd><dd>${folded(links)}</dd>\n`;
    return links.length === 0 ? [] : row;
  });
  return html`<section class="findings"><h2>Findings to act on, most severe first</h2><dl>${items}</dl></section>`;
}

function clusterSection(cluster: ReviewedCluster, position: string, review: AccessReview): Html {
  const { name, authenticationMode: mode, unknown, notes, identities } = cluster;
  const changed = changesIn(cluster, review);
  const doubts = unknown.map((text) => html`${tag("bad", "unknown")} ${text}`);
  const remarks = [...doubts, ...notes.map((text) => html`${text}`)];
  const rows = identities.map((one, index) => {
    const change = changed.get(one.identity)?.change;
    return html`<tbody id="identity-${position}-${String(index)}">\n${identityRows(one, change)}</tbody>\n`;
  });
  const columns = ["Identity", "Findings", "User and groups", "Rights", "Entry, owners"];
  const header = columns.map((title) => html`<th scope="col">${title}</th>`);
  return html`<section class="cluster" id="cluster-${position}">
<h2>${name}</h2>
<p class="muted">${[...(mode === undefined ? [] : [`mode ${mode}`]), ...figuresOf([cluster]).slice(1)].join(", ")}</p>
<div class="notes">${folded(remarks)}</div>
${rows.length === 0 ? html`<p>${noIdentity(cluster)}</p>` : html`<table>\n<thead><tr>${header}</tr></thead>\n${rows}</table>`}
</section>
`;
}

/** An identity without the account of its ARN. */
function shortName(identity: string): string {
  return /:((?:role|user|federated-user)\/.+|root)$/.exec(identity)?.[1] ?? identity;
}

/** One row per entry; the cells of the identity span all of them. */
function identityRows({ identity, iam, entries, findings }: ReviewedIdentity, change = ""): readonly Html[] {
  const arn = shortName(identity) === identity ? "" : html`<code class="muted">${identity}</code>`;
  const span = String(entries.length);
  const shared = html`<th scope="rowgroup" rowspan="${span}"><code class="name">${shortName(identity)}</code>${arn} ${change === "" ? "" : tag("good", change)}${iam === undefined ? "" : inIam(iam, identity.includes(":role/"))}</th>
<td rowspan="${span}">${findings.map(({ rule, message }) => html`<p>${ruleTag(rule)} ${message}</p>`)}</td>`;
  return entries.map((entry, index) => html`<tr>${index === 0 ? shared : ""}${entryCells(entry)}</tr>\n`);
}

/** The data of a role or user in IAM. Only roles have a trust policy and a last use. */
function inIam({ createdAt, lastUsed, assumedBy }: ReviewedPrincipal, isRole: boolean): Html {
  const day = (time: string) => inUtc(time, { dateStyle: "medium" });
  const region = lastUsed?.region === undefined ? "" : ` in ${lastUsed.region}`;
  const use = lastUsed === undefined ? "no use recorded" : `last used ${day(lastUsed.at)}${region}`;
  const open = html`${tag("bad", "open")} `;
  const by = assumedBy?.map((one) => html`${one.open === undefined ? "" : open}<code>${describeTrusted(one)}</code>`);
  const trust = by && html`Can be assumed by ${by.length === 0 ? "no one" : folded(by)}`;
  const ofRole = html`, ${use}<br>${trust ?? "Its trust policy could not be evaluated"}`;
  return html`<div class="muted">Created ${day(createdAt)}${isRole ? ofRole : ""}</div>`;
}

function entryCells(entry: ReviewedEntry): Html {
  const { username, groups, rights } = entry;
  const user = username === "" ? [] : [html`<code class="name">${username}</code>`];
  return html`<td data-title="User and groups">${folded([...user, ...groups.map((group) => html`<code>${group}</code>`)])}</td>
<td data-title="Rights">${folded(rights.map(({ access, by }) => html`${access}<br><span class="muted">${by}</span>`))}</td>
<td data-title="Entry, owners">${entryText(entry)}${folded(ownerTexts(entry).map((owner) => html`<span class="muted">${owner}</span>`))}</td>`;
}

function folded(items: readonly Html[], most = 5): Html {
  const list = (some: readonly Html[]) => html`<ul>${some.map((item) => html`<li>${item}</li>`)}</ul>`;
  const visible = items.length <= most ? most : most - 1;
  const rest = items.slice(visible);
  const more = html`<details><summary>${String(rest.length)} more</summary>${list(rest)}</details>`;
  return html`${items.length === 0 ? "" : list(items.slice(0, visible))}${rest.length === 0 ? "" : more}`;
}

const ruleTexts: Readonly<Record<ReviewRule, readonly [Tone, text: string]>> = {
  "open-trust": [
    "bad",
    "Outsiders, such as any identity of a different account, can assume the role. Restrict its trust policy.",
  ],
  everything: ["bad", "Has full access to the cluster. Keep only identities that must be administrators."],
  escalation: ["bad", "Can escalate its privileges in the ways that the finding lists. Restrict its Kubernetes role."],
  secrets: [
    "bad",
    "Reads the secrets of all namespaces. Limit its Kubernetes role to the namespaces that the identity needs.",
  ],
  account: ["warn", "Belongs to a different account than the cluster, or is an entire account. Map individual roles."],
  missing: [
    "warn",
    "IAM has no such role or user. If the entry is in aws-auth, anyone who creates the role or user gets this access. Remove the entry.",
  ],
  unused: [
    "warn",
    "According to IAM, the role has made no request to AWS for a long time. Ask its owner, or remove the entry.",
  ],
  "stale-sso": ["warn", "IAM Identity Center has replaced the role, so no one can log in with it. Map the new role."],
  dead: ["warn", "Its access entry belongs to an earlier role or user and grants no access. Remove or recreate it."],
  unclaimed: ["quiet", "No stack claims the entry. Find out who created it, then import it into a stack or remove it."],
  "no-effect": [
    "quiet",
    "The entry is shadowed by another one, or grants no access. Remove it, or run lint for details.",
  ],
};

function ruleTag(rule: ReviewRule): Html {
  return tag(ruleTexts[rule][0], rule);
}
