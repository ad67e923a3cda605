import { hash } from "node:crypto";
import type {
  AccessReview,
  ReviewChanges,
  ReviewedCluster,
  ReviewedIdentity,
  UnreadCluster,
} from "../../../provider/review/model";
import { hasEffect } from "../../../provider/review/reviewMap";
import { plural } from "../../../provider/text/text";
import { capital, changeTexts, clusterNames, countChanges, moveText } from "../rows";
import { script, style } from "./assets";
import { type Markup, markup, own } from "./markup";
import { cellOf, headerRow, isUnowned, listOf, peopleTable, severityTag } from "./people";

/**
 * A review as a page of one file, which needs no network and no script.
 *
 * @param version the version of this package.
 */
export function renderPage(review: AccessReview, version: string): string {
  const { createdAt, clusters, unread, changes } = review;
  const when = dateText(createdAt);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Access review, ${when}</title>
<style>${own(style)}</style>
</head>
<body>
<a class="skip" href="#clusters">Skip to the clusters</a>
<header>
<h1>Access review</h1>
<p class="time">Who gets into EKS clusters by aws-auth and by access entries, and what they may do. Made <time datetime="${createdAt}">${when}</time>.</p>
</header>
<main>
<section aria-label="Summary">
${figures(review)}
</section>
${unread.length === 0 ? "" : unreadSection(unread)}
${changes === undefined ? "" : changeSection(changes, clusterNames(review))}
${clusters.length < 2 ? "" : overview(review)}
${filter(review)}
<p id="shown" role="status"></p>
<div id="clusters">
${clusters.map((cluster, index) => clusterSection(cluster, index, changes))}
</div>
</main>
${footer(review, version)}
<script>${own(script)}</script>
</body>
</html>
`;
  return page.source;
}

/** Nothing is loaded, and nothing runs but the page's own style and script. */
const policy = [
  "default-src 'none'",
  `style-src ${digest(style)}`,
  `script-src ${digest(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

function digest(source: string): string {
  return `'sha256-${hash("sha256", source, "base64")}'`;
}

function dateText(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) {
    return time;
  }
  const parts = { dateStyle: "long", timeStyle: "short", timeZone: "UTC" } as const;
  return `${new Intl.DateTimeFormat("en-GB", parts).format(date)} UTC`;
}

function figures({ summary, changes }: AccessReview): Markup {
  const { clusters, unread, identities, administrators, findings } = summary;
  const { high, medium, low } = findings;
  return markup`<dl class="figures">
${figure("Clusters", clusters, unread === 0 ? "all were read" : `${unread} more could not be read`)}
${figure("Identities", identities, "get in")}
${figure("Administrators", administrators, "may do everything")}
${figure("Findings", high + medium + low, `${high} high, ${medium} medium, ${low} low`)}
${changes === undefined ? "" : figure("Changes", countChanges(changes), `since ${dateText(changes.since)}`)}
</dl>`;
}

function figure(title: string, count: number, more: string): Markup {
  return markup`<div><dt>${title}</dt><dd>${count}</dd><dd>${more}</dd></div>`;
}

function unreadSection(unread: readonly UnreadCluster[]): Markup {
  return markup`<section aria-labelledby="unread">
<h2 id="unread">Not read</h2>
<ul class="notes bad">
${unread.map(({ name, message }) => markup`<li><strong>${name}</strong>: ${message}</li>\n`)}</ul>
</section>`;
}

function changeSection(changes: ReviewChanges, names: ReadonlyMap<string, string>): Markup {
  const { clusters, identities, moved, notes, since } = changes;
  const whoseOf = ({ cluster, identity }: { readonly cluster: string; readonly identity: string }) =>
    markup`<code class="name">${identity}</code><span class="muted small">${names.get(cluster) ?? cluster}</span>`;
  const rows = [
    ...clusters.map(({ name, change }) => changeRow(markup`${name}`, changeTag(change, false), [])),
    ...identities.map((one) => {
      const tag = changeTag(one.change, one.isNewAdministrator);
      return changeRow(whoseOf(one), tag, changeTexts({ ...one, isNewAdministrator: false }));
    }),
    ...moved.map((one) => changeRow(whoseOf(one), changeTag("moved", false), [moveText(one)])),
  ];
  const remarks =
    notes.length === 0 ? markup`` : markup`<ul class="notes">${notes.map((note) => markup`<li>${note}.</li>`)}</ul>`;
  const heading = markup`<h2 id="changes">Changes</h2>`;
  if (rows.length === 0) {
    return markup`<section aria-labelledby="changes">${heading}<p>None since ${dateText(since)}.</p>${remarks}</section>`;
  }
  return markup`<section aria-labelledby="changes">
${heading}
<table class="cards changes" role="table">
<caption>Compared with the review of ${dateText(since)}</caption>
${headerRow(["Whose", "Change", "What"])}
<tbody role="rowgroup">
${rows}</tbody>
</table>
${remarks}
</section>`;
}

function changeRow(whose: Markup, tag: Markup, clauses: readonly string[]): Markup {
  return markup`<tr role="row"><th scope="row" role="rowheader">${whose}</th>
<td role="cell" data-label="Change"><div>${tag}</div></td>
<td role="cell" data-label="What">${cellOf(clauses.length === 0 ? [] : [listOf(clauses)])}</td></tr>
`;
}

function changeTag(change: string, isNewAdministrator: boolean): Markup {
  const admin = isNewAdministrator ? markup` <span class="tag high">New administrator</span>` : markup``;
  return markup`<span class="tag ${change === "gone" ? "low" : "new"}">${capital(change)}</span>${admin}`;
}

function overview({ clusters, changes }: AccessReview): Markup {
  const rows = clusters.map(({ id, name, identities }, index) => {
    const count = (severity: string) =>
      identities.flatMap(({ findings }) => findings).filter((finding) => finding.severity === severity).length;
    const changed = (changes?.identities ?? []).filter(({ cluster }) => cluster === id).length;
    const numbers = [
      countAdmitted(identities),
      identities.filter(({ isAdministrator }) => isAdministrator).length,
      ...["high", "medium", "low"].map(count),
      ...(changes === undefined ? [] : [changed]),
    ];
    return markup`<tr><th scope="row"><a href="#cluster-${index}">${name}</a></th>${numbers.map(
      (number) => markup`<td class="number">${number}</td>`,
    )}</tr>\n`;
  });
  const columns = [
    "Identities",
    "Administrators",
    "High",
    "Medium",
    "Low",
    ...(changes === undefined ? [] : ["Changes"]),
  ];
  return markup`<nav aria-labelledby="overview">
<h2 id="overview">Clusters</h2>
<div class="scroll" role="region" aria-labelledby="overview" tabindex="0"><table class="overview">
<caption>Identities of each map, and findings by severity</caption>
<thead><tr><th scope="col">Cluster</th>${columns.map((name) => markup`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>
</nav>`;
}

/** Shown by the script, without which it does nothing. */
function filter({ clusters, changes }: AccessReview): Markup {
  const findings = clusters.flatMap(({ identities }) => identities.flatMap((identity) => identity.findings));
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  const option = (value: string, text: string) => markup`<option value="${value}">${text}</option>`;
  return markup`<form class="filter" id="filter" role="search" aria-label="Filter the identities" autocomplete="off" hidden>
<div><label for="text">Text</label><input id="text" name="text" type="search" spellcheck="false"></div>
<div><label for="risk">Risk</label><select id="risk" name="risk">${option("", "all")}<optgroup label="The highest severity is">${[
    option("high", "high"),
    option("medium", "medium"),
    option("low", "low"),
  ]}</optgroup><optgroup label="There is a finding of">${rules.map((rule) => option(rule, rule))}</optgroup></select></div>
${
  clusters.length < 2
    ? ""
    : markup`<div><label for="cluster">Cluster</label><select id="cluster" name="cluster">${option("", "all")}${clusters.map(
        ({ name }, index) => option(`${index}`, name),
      )}</select></div>`
}
${
  changes === undefined
    ? ""
    : markup`<div><label for="changed">Changes</label><select id="changed" name="changed">${option("", "changed or not")}${option("yes", "changed only")}</select></div>`
}
<button type="reset">Clear</button>
</form>`;
}

function clusterSection(cluster: ReviewedCluster, index: number, changes: ReviewChanges | undefined): Markup {
  const { name, notes, identities } = cluster;
  return markup`<section aria-labelledby="cluster-${index}" data-cluster="${index}">
<h2 id="cluster-${index}">${name}</h2>
${notes.length === 0 ? "" : markup`<ul class="notes">${notes.map((note) => markup`<li>${capital(note)}.</li>`)}</ul>`}
${unownedLine(identities)}
${identities.length === 0 ? markup`<p>Nobody is mapped.</p>` : peopleTable(cluster, captionOf(identities), changes)}
</section>
`;
}

/** How many identities get in. The others have entries without effect. */
function countAdmitted(identities: readonly ReviewedIdentity[]): number {
  return identities.filter(({ entries }) => entries.some(hasEffect)).length;
}

function captionOf(identities: readonly ReviewedIdentity[]): string {
  const admitted = countAdmitted(identities);
  const all = plural(identities.length, "identity", "identities");
  const some = admitted === identities.length ? all : `${all}, of which ${admitted} get in`;
  return `${some}; the riskiest first`;
}

/** Said once, so that the many do not hide what is riskier. */
function unownedLine(identities: readonly ReviewedIdentity[]): Markup {
  const count = identities.filter(({ findings }) => findings.some(isUnowned)).length;
  return count === 0
    ? markup``
    : markup`<p>${severityTag("low")}No stack claims the entries of ${plural(count, "identity", "identities")}: see the column Owners.</p>`;
}

function footer({ clusters, unread, createdAt }: AccessReview, version: string): Markup {
  const read = clusters.map(({ name, authenticationMode: mode }) =>
    mode === undefined ? name : `${name}, mode ${mode}`,
  );
  return markup`<footer>
<h2>How to read this</h2>
<dl class="legend">
<dt>${severityTag("high")}</dt><dd>A way to the whole cluster, or to its secrets.</dd>
<dt>${severityTag("medium")}</dt><dd>A way to more rights in a namespace, credentials that do not expire, or an entry that misleads.</dd>
<dt>${severityTag("low")}</dt><dd>Worth knowing.</dd>
</dl>
<p>Rights are those that bindings in the cluster and access policies of EKS give, except those of every authenticated user. Not shown are
a cluster's creator in mode CONFIG_MAP, and the access entries of clusters that are read through a kubeconfig or a manifest.</p>
<p>Made by pulumi-aws-auth ${version}, ${createdAt}. Read: ${read.length === 0 ? "nothing" : read.join("; ")}.${
    unread.length === 0 ? "" : ` Not read: ${unread.map(({ name }) => name).join("; ")}.`
  }</p>
</footer>`;
}
