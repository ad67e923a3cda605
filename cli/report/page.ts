import { hash } from "node:crypto";
import { type Markup, markup, own } from "./markup";
import {
  type Cell,
  type Column,
  type Figure,
  figureText,
  type Item,
  type List,
  type Report,
  type Row,
  type Section,
  type Tag,
} from "./report";
import { style } from "./style";

/** What a page says besides its report. */
export interface Page {
  /** What the report is about, in a sentence. */
  readonly about: string;
  readonly legend: readonly { readonly tag: Tag; readonly text: string }[];
  readonly footnotes: readonly string[];
}

/** A report as a page of one file, which needs no network and no script. */
export function renderPage(report: Report, { about, legend, footnotes }: Page): string {
  const { title, createdAt = "", figures = [], changes, sections, unread } = report;
  const when = dateText(createdAt);
  const filters = filtersOf(
    sections,
    legend.map(({ tag }) => tag.text),
  );
  const styles = style + filters.flatMap(({ options }) => options.map(([mark]) => styleOf(mark))).join("");
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(styles)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}, ${when}</title>
<style>${own(styles)}</style>
</head>
<body>
<a class="skip" href="#clusters">Skip to the clusters</a>
<header>
<h1>${title}</h1>
<p class="muted">${about} Made <time datetime="${createdAt}">${when}</time>.</p>
</header>
<main>
<section aria-label="Summary">
<dl class="figures">
${figures.map(figureOf)}</dl>
</section>
${unread === undefined ? "" : listSection("unread", unread)}
${changes === undefined ? "" : listSection("changes", changes)}
${sections.length < 2 ? "" : overview(sections)}
<form class="filter" role="search" aria-label="Filter the entries" autocomplete="off">
${filters.map(filterOf)}<button type="reset">Clear</button>
</form>
<div id="clusters">
${sections.map(sectionOf)}
</div>
</main>
<footer>
<h2>How to read this</h2>
<dl class="legend">
${legend.map(({ tag, text }) => markup`<dt>${tagOf(tag)}</dt><dd>${text}</dd>\n`)}</dl>
${footnotes.map((text) => markup`<p>${text}</p>\n`)}</footer>
</body>
</html>
`.source;
}

/** Nothing is loaded, and nothing applies but the page's own style. */
function policyFor(styles: string): string {
  return `default-src 'none'; style-src 'sha256-${hash("sha256", styles, "base64")}'; base-uri 'none'; form-action 'none'`;
}

function dateText(time: string): string {
  const date = new Date(time);
  const parts = { dateStyle: "long", timeStyle: "short", timeZone: "UTC" } as const;
  return Number.isNaN(date.getTime()) ? time : `${new Intl.DateTimeFormat("en-GB", parts).format(date)} UTC`;
}

function figureOf({ count, noun, more = "" }: Figure): Markup {
  return markup`<div><dt>${capital(noun)}</dt><dd>${count}</dd><dd>${more}</dd></div>\n`;
}

function listSection(id: string, { title, items }: List): Markup {
  return markup`<section aria-labelledby="${id}">
<h2 id="${id}">${title.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z$/, dateText)}</h2>
<ul class="list">
${items.map(itemOf)}</ul>
</section>`;
}

function itemOf({ tag, code, text = "", clauses = [] }: Item): Markup {
  const name =
    code === undefined
      ? markup`${text}`
      : markup`<code class="name">${code}</code><span class="muted small">${text}</span>`;
  return markup`<li><div>${tagOf(tag)}</div><div>${name}</div>${listOf(clauses.map((clause) => markup`${clause}`))}</li>
`;
}

function tagOf(tag: Tag | undefined): Markup {
  return tag === undefined ? markup`` : markup`<span class="tag ${tag.tone}">${tag.text}</span> `;
}

function listOf(items: readonly Markup[]): Markup {
  return items.length === 0 ? markup`` : markup`<ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>`;
}

function overview(sections: readonly Section[]): Markup {
  const items = sections.map(
    ({ title, figures = [] }, index) => markup`<a href="#cluster-${index}">${title}</a>: ${figureText(figures)}`,
  );
  return markup`<nav aria-labelledby="overview">
<h2 id="overview">Clusters</h2>
${listOf(items)}
</nav>`;
}

/** A choice among the rows of a page, without a script: each option has a rule of the style. */
interface Filter {
  readonly title: string;
  readonly options: readonly (readonly [mark: string, text: string])[];
}

/**
 * The filters that the rows name, and one of clusters where there are several.
 *
 * @param order of the marks that the legend has; the others follow by the alphabet.
 */
function filtersOf(sections: readonly Section[], order: readonly string[]): readonly Filter[] {
  const rank = (mark: string) => (order.includes(mark) ? order.indexOf(mark) : order.length);
  const marks = sections.flatMap(({ table }) => table.rows.flatMap((row) => row.marks ?? []));
  const byFilter = Map.groupBy(marks, ([filter]) => filter);
  const clusters = sections.map(({ title }, index) => [clusterMark(index), title] as const);
  return [
    ...[...byFilter].map(([title, own]) => ({
      title,
      options: [...new Set(own.map(([, mark]) => mark))]
        .sort()
        .sort((a, b) => rank(a) - rank(b))
        .map((mark) => [mark, mark] as const),
    })),
    ...(clusters.length < 2 ? [] : [{ title: "Cluster", options: clusters }]),
  ];
}

function clusterMark(index: number): string {
  return `cluster-${index}`;
}

/** Hides the rows without a mark that is chosen, and the clusters that have no other. */
function styleOf(mark: string): string {
  const others = `.rows tr[data-marks]:not([data-marks~="${mark}"]), .cluster:not(:has([data-marks~="${mark}"]))`;
  return `:root:has(option[value="${mark}"]:checked) :is(${others}) { display: none; }\n`;
}

function filterOf({ title, options }: Filter, index: number): Markup {
  return markup`<div><label for="filter-${index}">${title}</label><select id="filter-${index}">
<option value="">all</option>${options.map(([mark, text]) => markup`<option value="${mark}">${text}</option>`)}</select></div>
`;
}

function sectionOf({ title, figures = [], notes, table }: Section, index: number): Markup {
  const { columns, rows, empty = "" } = table;
  const id = clusterMark(index);
  // Laid out as cards, tables lose their roles in some browsers, so that they say them themselves.
  const content =
    rows.length === 0
      ? markup`<p data-marks="${id}">${empty}</p>`
      : markup`<table class="rows" role="table">
<caption>${figureText(figures)}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((column) => markup`<th scope="col" role="columnheader">${column.title}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map((row) => rowOf(row, columns, id))}</tbody>
</table>`;
  return markup`<section class="cluster" aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${notes.length === 0 ? "" : markup`<ul class="notes">${notes.map((note) => markup`<li>${capital(note)}.</li>`)}</ul>`}
${content}
</section>
`;
}

function rowOf({ tag, cells: [name = [], ...cells], marks = [] }: Row, [, ...columns]: readonly Column[], id: string) {
  return markup`<tr role="row" data-marks="${[id, ...marks.map(([, mark]) => mark)].join(" ")}">
<th scope="row" role="rowheader">${name.map(nameOf)}${tagOf(tag)}</th>${columns.map(({ title }, index) => {
    const items = foldedList((cells[index] ?? []).map(cellOf));
    return markup`\n<td role="cell" data-label="${title}">${items.source === "" ? "" : markup`<div>${items}</div>`}</td>`;
  })}
</tr>
`;
}

/** The part of an ARN that people look for, above all of it. */
function nameOf({ text, badge, detail = "" }: Cell): Markup {
  const [, short] = /:((?:role|user|federated-user)\/.+|root)$/.exec(text) ?? [];
  const whole = short === undefined ? "" : markup`<code class="muted">${text}</code><br>`;
  return markup`<code class="name">${short ?? text}</code>${whole}<span class="muted small">${detail}</span> ${tagOf(badge)}`;
}

function cellOf({ text, isCode, tag, detail }: Cell): Markup {
  const below = detail === undefined ? "" : markup`<br><span class="muted small">${detail}</span>`;
  return markup`${tagOf(tag)}${isCode ? markup`<code>${text}</code>` : text}${below}`;
}

/** A list of which four items are shown before the rest has to be opened. */
function foldedList(items: readonly Markup[]): Markup {
  const rest = items.length <= 5 ? [] : items.slice(4);
  const more =
    rest.length === 0 ? "" : markup`<details><summary>${rest.length} more</summary>${listOf(rest)}</details>`;
  return markup`${listOf(items.slice(0, items.length - rest.length))}${more}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
