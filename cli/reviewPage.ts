import {
  type AccessReview,
  type ReviewedCluster,
  type ReviewedEntry,
  type ReviewedIdentity,
  type ReviewRule,
  reviewRules,
} from "../provider/reports/accessReview";
import { everything } from "../provider/reports/reviewChanges";
import { plural, printable } from "../provider/text/text";
import { marks, policy, style } from "./reviewStyle";
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
  const { createdAt, clusters, unread, changes } = review;
  const names = new Map(clusters.map(({ id, name }) => [id, name]));
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
${listSection(
  "Not read, so unknown",
  unread.map(({ name, message }) => html`${tag("bad", name)} ${message}`),
)}
${
  changes === undefined
    ? ""
    : listSection(
        `${plural(changes.identities.length, "change")} since the review of ${dateText(changes.since)}`,
        [
          ...changes.identities.map(({ cluster, identity, change, gains, loses }) => {
            const tone = gains.includes(everything) ? "bad" : change === "gone" ? "quiet" : "good";
            const clauses = [...said("gains", gains), ...said("loses", loses)].map((text) => html`<br>${text}`);
            return html`${tag(tone, change)} <code>${identity}</code> <span class="muted">in ${names.get(cluster) ?? cluster}</span>${clauses}`;
          }),
          ...changes.unknown.map((text) => html`${tag("warn", "unknown")} ${text}`),
        ],
        "Nothing has changed.",
      )
}
<form class="filter" autocomplete="off"><label>Show <select>
<option value="">all identities</option>
${marks.map((mark) => html`<option value="${mark}">${mark}</option>`)}</select></label></form>
${clusters.map((cluster) => clusterSection(cluster, review))}
</main>
<footer>
<h2>Findings</h2>
<dl>${reviewRules.map((rule) => html`<dt>${ruleTag(rule)}</dt><dd>${ruleTexts[rule][1]}</dd>`)}</dl>
<p>Rights are those that bindings and access policies give, except those of every authenticated user. Access of the creator of a cluster in mode CONFIG_MAP is not shown.</p>
</footer>
</body>
</html>
`.source;
}

function dateText(time: string): string {
  const date = new Date(time);
  const parts = { dateStyle: "long", timeStyle: "short", timeZone: "UTC" } as const;
  return Number.isNaN(date.getTime()) ? time : `${new Intl.DateTimeFormat("en-GB", parts).format(date)} UTC`;
}

type Tone = "good" | "quiet" | "warn" | "bad";

function tag(tone: Tone, text: string): Html {
  return html`<span class="tag ${tone}">${text}</span>`;
}

function listSection(title: string, items: readonly Html[], none = ""): Html {
  const list =
    items.length === 0 ? html`<p>${none}</p>` : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
  return items.length === 0 && none === "" ? html`` : html`<section><h2>${title}</h2>${list}</section>`;
}

function clusterSection(cluster: ReviewedCluster, review: AccessReview): Html {
  const { name, authenticationMode: mode, unknown, notes, identities } = cluster;
  const changed = changesIn(cluster, review);
  const remarks = [
    ...unknown.map((text) => html`<li>${tag("bad", "unknown")} ${text}</li>`),
    ...notes.map((text) => html`<li>${text}</li>`),
  ];
  const rows = identities.map((one) => identityRows(one, changed.get(one.identity)?.change));
  return html`<section>
<h2>${name}</h2>
<p class="muted">${[...(mode === undefined ? [] : [`mode ${mode}`]), ...figuresOf([cluster]).slice(1)].join(", ")}</p>
${remarks.length === 0 ? "" : html`<ul class="notes">${remarks}</ul>`}
${
  rows.length === 0
    ? html`<p>${noIdentity(cluster)}</p>`
    : html`<table>
<thead><tr>${["Identity", "Findings", "Entry", "User and groups", "Rights", "Owners"].map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
${rows}</table>`
}
</section>
`;
}

/** One row per entry; the cells of the identity and its findings span all of them. */
function identityRows({ identity, entries, findings }: ReviewedIdentity, change: string | undefined): Html {
  const marked = [...findings.map(({ rule }) => rule), ...(change === undefined ? [] : ["changed"])].join(" ");
  const [, short] = /:((?:role|user|federated-user)\/.+|root)$/.exec(identity) ?? [];
  const name = html`<code class="name">${short ?? identity}</code>${short === undefined ? "" : html`<code class="muted">${identity}</code>`}`;
  const span = String(entries.length);
  const shared = html`<th scope="rowgroup" rowspan="${span}">${name}${change === undefined ? "" : html`<br>${tag("good", change)}`}</th>
<td rowspan="${span}">${findings.map(({ rule, message }) => html`<p>${ruleTag(rule)} ${message}</p>`)}</td>`;
  return html`<tbody data-marks="${marked}">
${entries.map((entry, index) => html`<tr>${index === 0 ? shared : ""}${entryCells(entry)}</tr>\n`)}</tbody>
`;
}

function entryCells(entry: ReviewedEntry): Html {
  const { username, groups, rights, owners } = entry;
  const user = username === "" ? [] : [html`<code class="name">${username}</code>`];
  return html`<td>${entryText(entry)}</td>
<td>${folded([...user, ...groups.map((group) => html`<code>${group}</code>`)])}</td>
<td>${folded(rights.map(({ access, by }) => html`${access}<br><span class="muted">${by}</span>`))}</td>
<td>${folded(owners.map((owner) => html`${owner}`))}</td>`;
}

/** A list whose first items are visible; the rest is collapsed. */
function folded(items: readonly Html[]): Html {
  const list = (some: readonly Html[]) => html`<ul>${some.map((item) => html`<li>${item}</li>`)}</ul>`;
  const rest = items.length <= 5 ? [] : items.slice(4);
  const more =
    rest.length === 0 ? "" : html`<details><summary>${String(rest.length)} more</summary>${list(rest)}</details>`;
  return items.length === 0 ? html`` : html`${list(items.slice(0, items.length - rest.length))}${more}`;
}

const ruleTexts: Readonly<Record<ReviewRule, readonly [Tone, meaning: string]>> = {
  everything: ["bad", "May do everything in the cluster."],
  escalation: ["bad", "May escalate its rights in the cluster: escalate, bind, impersonate, or write aws-auth."],
  secrets: ["bad", "Reads the secrets of all namespaces."],
  "open-trust": ["bad", "Anyone, a whole other account or an unbound web identity may assume the role."],
  account: ["warn", "Belongs to another account than the cluster, or is a whole account."],
  missing: ["warn", "IAM has no such role or user; whoever creates it gets the access."],
  "stale-sso": ["warn", "IAM Identity Center has replaced the role, so no one can log in with this ARN."],
  dead: ["warn", "The role or user was recreated, and its earlier access entry lets no one in."],
  unused: ["warn", "The role has not made a request to AWS for a long time, by IAM."],
  unclaimed: ["quiet", "No stack claims the entry: a person, EKS or another tool created it."],
  "no-effect": ["quiet", "The entry is shadowed by another one, or lets no one in."],
};

function ruleTag(rule: ReviewRule): Html {
  return tag(ruleTexts[rule][0], rule);
}
