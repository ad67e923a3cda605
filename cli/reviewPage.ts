import { hash } from "node:crypto";
import { ownerTexts } from "../provider/identity/placedEntry";
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
  const { username, groups, rights } = entry;
  const user = username === "" ? [] : [html`<code class="name">${username}</code>`];
  return html`<td>${entryText(entry)}</td>
<td>${folded([...user, ...groups.map((group) => html`<code>${group}</code>`)])}</td>
<td>${folded(rights.map(({ access, by }) => html`${access}<br><span class="muted">${by}</span>`))}</td>
<td>${folded(ownerTexts(entry).map((owner) => html`${owner}`))}</td>`;
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

const marks: readonly string[] = [...reviewRules, "changed"];

/** Each option of the filter has a CSS rule, since the page has no script. */
const filters = marks
  .map((mark) => `:root:has(option[value="${mark}"]:checked) tbody:not([data-marks~="${mark}"]) { display: none; }`)
  .join("\n");

/** Colours have a contrast of at least 4.5 to 1, and text repeats their meaning. */
const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --sheet: #f6f7f9; --ink: #1b2129; --muted: #56606c; --line: #d5dae0; --link: #0b57a4;
  --bad: #a3121f; --bad-fill: #fdecec; --warn: #7a4a00; --warn-fill: #fdf3e0; --quiet: #44505c; --quiet-fill: #eef1f4;
  --good: #1b5e33; --good-fill: #e7f5ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --sheet: #1b2027; --ink: #e7eaee; --muted: #a5afba; --line: #363e48; --link: #8ab8f0;
    --bad: #ffb0b0; --bad-fill: #45191d; --warn: #f3cd86; --warn-fill: #3f2f10; --quiet: #c2cbd5; --quiet-fill: #2a313a;
    --good: #a4dcb8; --good-fill: #17361f;
  }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --sheet: #ffffff; --ink: #000000; --muted: #444444; --line: #bbbbbb; --link: #000000;
    --bad: #8a0f1a; --bad-fill: #ffffff; --warn: #6a4000; --warn-fill: #ffffff; --quiet: #333333; --quiet-fill: #ffffff;
    --good: #1b5e33; --good-fill: #ffffff;
  }
  @page { size: A4 landscape; margin: 12mm; }
  html { font-size: 9pt; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  .filter, summary { display: none !important; }
  details::details-content { display: block; content-visibility: visible; height: auto; }
}
body { margin: 0 auto; padding: 2rem clamp(1rem, 3vw, 3rem); max-width: 100rem; background: var(--paper); color: var(--ink); font: 0.9375rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; }
h2 { margin: 2.5rem 0 0.5rem; font-size: 1.1875rem; }
p { margin: 0.25rem 0; }
ul { margin: 0; padding: 0; list-style: none; }
li + li { margin-top: 0.3rem; }
code { font: 0.875em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; unicode-bidi: isolate; }
.name { display: block; font-weight: 600; }
.muted { color: var(--muted); font-size: 0.8125rem; }
.figures span { display: inline-block; margin: 0.5rem 0.5rem 0 0; padding: 0.4rem 0.8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--sheet); font-weight: 600; }
.filter { margin: 2rem 0 0; }
select { font: inherit; padding: 0.3rem; color: var(--ink); background: var(--paper); border: 1px solid var(--muted); border-radius: 5px; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; overflow-wrap: anywhere; }
th, td { padding: 0.6rem 0.9rem 0.6rem 0; text-align: start; vertical-align: top; font-weight: 400; }
thead th { border-bottom: 1px solid var(--muted); color: var(--muted); font-size: 0.8125rem; }
thead th:nth-child(-n+2) { width: 22%; }
thead th:nth-child(3) { width: 11%; }
tbody { border-bottom: 1px solid var(--line); }
.tag { display: inline-block; padding: 0 0.45rem; border: 1px solid currentcolor; border-radius: 4px; font-size: 0.75rem; font-weight: 600; white-space: nowrap; }
.bad { color: var(--bad); background: var(--bad-fill); }
.warn { color: var(--warn); background: var(--warn-fill); }
.quiet { color: var(--quiet); background: var(--quiet-fill); }
.good { color: var(--good); background: var(--good-fill); }
.notes { margin: 0.5rem 0; padding: 0.6rem 0.9rem; border-inline-start: 3px solid var(--muted); background: var(--sheet); }
summary { width: fit-content; color: var(--link); cursor: pointer; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.8125rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 0.8rem; }
dd { margin: 0; }
@supports not selector(:has(a)) { .filter { display: none; } }
@media screen and (max-width: 60rem) {
  table, thead, tbody, tr, th, td { display: block; width: auto !important; }
  thead { display: none; }
  th, td { padding: 0.25rem 0; }
}
${filters}
`;

/** Loads nothing, and allows no style or script except the page's own style. */
const policy = `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'; form-action 'none'`;
