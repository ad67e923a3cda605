import type {
  ReviewChanges,
  ReviewedCluster,
  ReviewedEntry,
  ReviewedIdentity,
  ReviewedKind,
  ReviewFinding,
  ReviewSeverity,
} from "../../../provider/review/model";
import { capital, effectText, entryText, placeText } from "../rows";
import { type Markup, markup } from "./markup";

/** How many rights are shown before the rest has to be opened. */
const shownRights = 4;

/** The table of everybody in a cluster: one row each. */
export function peopleTable(cluster: ReviewedCluster, caption: string, changes: ReviewChanges | undefined): Markup {
  const ofCluster = (changes?.identities ?? []).filter((change) => change.cluster === cluster.id);
  const moved = (changes?.moved ?? []).filter((move) => move.cluster === cluster.id);
  const changed = new Map<string, string>([
    ...moved.map(({ identity }) => [identity, "moved"] as const),
    ...ofCluster.map(({ identity, change }) => [identity, change] as const),
  ]);
  return markup`<table class="cards people" role="table">
<caption>${caption}</caption>
<colgroup><col><col><col><col><col></colgroup>
${headerRow(["Identity", "Kubernetes user", "Rights", "Findings", "Owners"])}
<tbody role="rowgroup">
${cluster.identities.map((identity) => personRow(identity, changed.get(identity.identity), cluster.hasRights))}</tbody>
</table>`;
}

/** The head of a table. Laid out as cards, tables lose their roles in some browsers, so that they say them themselves. */
export function headerRow(names: readonly string[]): Markup {
  const cells = names.map((name) => markup`<th scope="col" role="columnheader">${name}</th>`);
  return markup`<thead role="rowgroup"><tr role="row">${cells}</tr></thead>`;
}

/** Sentences or names as a list. */
export function listOf(items: readonly string[]): Markup {
  return markup`<ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>`;
}

/** The severity in words; the colour says the same. */
export function severityTag(severity: ReviewSeverity): Markup {
  return markup`<span class="tag ${severity}">${{ high: "High", medium: "Medium", low: "Low" }[severity]}</span>`;
}

function personRow(identity: ReviewedIdentity, change: string | undefined, hasRights: boolean): Markup {
  const { findings, entries, isAdministrator } = identity;
  const rules = [...new Set(findings.map(({ rule }) => rule))].join(" ");
  const tags = [
    ...(isAdministrator ? [markup`<span class="tag high">Administrator</span>`] : []),
    ...(change === undefined ? [] : [markup`<span class="tag new">${capital(change)}</span>`]),
  ];
  return markup`<tr role="row" data-severity="${findings[0]?.severity ?? ""}" data-rules="${rules}" data-change="${change ?? ""}">
<th scope="row" role="rowheader">${identityName(identity)}${tags}</th>
<td role="cell" data-label="User">${cellOf(entries.map(entryUser))}</td>
<td role="cell" data-label="Rights">${cellOf(entries.flatMap((entry) => entryRights(entry, entries.length > 1, hasRights)))}</td>
<td role="cell" data-label="Findings">${cellOf(findingList(findings.filter((finding) => !isUnowned(finding))))}</td>
<td role="cell" data-label="Owners">${cellOf(ownerList(entries))}</td>
</tr>
`;
}

/** One child, so that a card has a column for it; nothing where there is nothing to show. */
export function cellOf(parts: readonly Markup[]): Markup {
  return parts.length === 0 ? markup`` : markup`<div>${parts}</div>`;
}

/** The part of an ARN that people look for, above all of it. */
function identityName({ identity, kind }: ReviewedIdentity): Markup {
  const [, short] = /:((?:role|user|federated-user)\/.+|root)$/.exec(identity) ?? [];
  const said = markup`<span class="muted small">${kindWords[kind]}</span> `;
  return short === undefined
    ? markup`<code class="name">${identity}</code>${said}`
    : markup`<code class="name">${short}</code><code class="muted">${identity}</code><br>${said}`;
}

const kindWords: Readonly<Record<ReviewedKind, string>> = {
  role: "IAM role",
  user: "IAM user",
  root: "root user of an account",
  federatedUser: "federated user",
  permissionSet: "roles of a permission set",
  account: "everybody else in an AWS account",
  none: "nobody has this ARN",
};

function entryUser(entry: ReviewedEntry): Markup {
  const { username, groups } = entry;
  const isAccount = entry.key === "mapAccounts";
  const effect = effectText(entry);
  const tag = effect === undefined ? markup`` : markup` <span class="tag low">${capital(effect)}</span>`;
  const user =
    username === ""
      ? markup`<span class="muted">${isAccount ? "their own ARN" : "no username"}</span>`
      : markup`<code>${username}</code>`;
  return markup`<div class="entry">${user}
${groups.length === 0 ? markup`<p class="muted small">no groups</p>` : markup`<ul aria-label="Groups">${groups.map((group) => markup`<li><span class="muted small">in</span> <code>${group}</code></li>`)}</ul>`}
<p class="muted small">${placeText(entry)}${entry.line === undefined ? "" : `, line ${entry.line}`}${tag}</p></div>
`;
}

function entryRights(entry: ReviewedEntry, isOneOfSeveral: boolean, hasRights: boolean): Markup[] {
  const { rights, isNode, effect } = entry;
  if (effect === "shadowed" || effect === "dead") {
    return [];
  }
  const items = [
    ...rights.map(({ access, by }) => markup`<li>${access}<br><span class="muted small">${by}</span></li>`),
    ...(isNode ? [markup`<li>what a node needs<br><span class="muted small">given by the API server</span></li>`] : []),
  ];
  const place = isOneOfSeveral ? markup`<p class="muted small">by ${entryText(entry)}</p>` : markup``;
  if (items.length === 0) {
    return [markup`<div class="entry">${place}<span class="muted">${hasRights ? "none" : "not known"}</span></div>`];
  }
  const rest = items.slice(shownRights + 1).length === 0 ? [] : items.slice(shownRights);
  const more =
    rest.length === 0
      ? markup``
      : markup`<details><summary>${rest.length} more rights</summary><ul>${rest}</ul></details>`;
  return [markup`<div class="entry">${place}<ul>${items.slice(0, items.length - rest.length)}</ul>${more}</div>`];
}

/** Whether a finding is told once for the cluster, and of the identity in the column of its owners. */
export function isUnowned({ rule }: ReviewFinding): boolean {
  return rule === "unowned";
}

function findingList(findings: readonly ReviewFinding[]): Markup[] {
  const items = findings.map(({ severity, message }) => markup`<li>${severityTag(severity)}${message}</li>`);
  return items.length === 0 ? [] : [markup`<ul>${items}</ul>`];
}

function ownerList(entries: readonly ReviewedEntry[]): Markup[] {
  const owners = [...new Set(entries.flatMap((entry) => entry.owners))];
  const isPartly = entries.some((entry) => entry.owners.length === 0);
  return [
    ...(owners.length === 0 ? [] : [listOf(owners)]),
    ...(isPartly ? [markup`<span class="muted">${owners.length === 0 ? "none" : "not of every entry"}</span>`] : []),
  ];
}
