/** The style of the page. Its colours keep a contrast of at least 4.5 to 1, and mean nothing that words do not say as well. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --sheet: #f6f7f9; --ink: #1b2129; --muted: #56606c; --line: #d5dae0; --link: #0b57a4;
  --high: #a3121f; --high-fill: #fdecec; --medium: #7a4a00; --medium-fill: #fdf3e0; --low: #44505c; --low-fill: #eef1f4;
  --new: #1b5e33; --new-fill: #e7f5ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --sheet: #1b2027; --ink: #e7eaee; --muted: #a5afba; --line: #363e48; --link: #8ab8f0;
    --high: #ffb0b0; --high-fill: #45191d; --medium: #f3cd86; --medium-fill: #3f2f10; --low: #c2cbd5; --low-fill: #2a313a;
    --new: #a4dcb8; --new-fill: #17361f;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 3rem; }
body {
  margin: 0 auto; padding: 2rem clamp(1rem, 3vw, 3rem) 4rem; max-width: 100rem;
  background: var(--paper); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", "Helvetica Neue", Arial, sans-serif;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 2.75rem 0 0.75rem; font-size: 1.1875rem; line-height: 1.3; }
p { margin: 0.25rem 0; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code {
  font: 0.875em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  overflow-wrap: anywhere; unicode-bidi: isolate;
}
ul { margin: 0; padding: 0; list-style: none; }
li + li { margin-top: 0.3rem; }
.muted, .time { color: var(--muted); }
.small { font-size: 0.8125rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
.away {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.figures {
  display: flex; flex-wrap: wrap; gap: 1px; margin: 1.5rem 0 0;
  border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--line);
}
.figures > div { flex: 1 1 9.5rem; padding: 0.9rem 1.1rem; background: var(--sheet); }
.figures dt { color: var(--muted); font-size: 0.8125rem; }
.figures dd { margin: 0; }
.figures dd:first-of-type { font-size: 1.625rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.figures dd + dd { color: var(--muted); font-size: 0.8125rem; }
.filter {
  display: flex; flex-wrap: wrap; gap: 0.75rem 1rem; align-items: end; margin: 2rem 0 0; padding: 0.9rem 1.1rem;
  border: 1px solid var(--line); border-radius: 8px; background: var(--sheet);
}
.filter div { flex: 1 1 12rem; }
.filter label { display: block; margin-bottom: 0.2rem; color: var(--muted); font-size: 0.8125rem; }
.filter input, .filter select, .filter button {
  width: 100%; min-height: 2.5rem; padding: 0.35rem 0.65rem; font: inherit; color: var(--ink); background: var(--paper);
  border: 1px solid var(--muted); border-radius: 5px;
}
.filter button { flex: 0 0 auto; width: auto; padding-inline: 1rem; cursor: pointer; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
caption { padding: 0 0 0.5rem; text-align: start; color: var(--muted); font-size: 0.8125rem; }
th, td { padding: 0.7rem 0.9rem 0.7rem 0; text-align: start; vertical-align: top; border-top: 1px solid var(--line); }
thead th { padding-block: 0.45rem; border-top: 0; border-bottom: 1px solid var(--muted); font-size: 0.8125rem; color: var(--muted); }
tbody th { font-weight: 400; }
tbody tr:first-child > * { border-top: 0; }
.people { table-layout: fixed; overflow-wrap: anywhere; }
.people col:nth-child(1) { width: 25%; } .people col:nth-child(2) { width: 18%; } .people col:nth-child(3) { width: 22%; }
.people col:nth-child(4) { width: 22%; }
.overview { width: auto; min-width: 50%; }
.overview tbody th { min-width: 12rem; }
.changes td:nth-child(2) { width: 18rem; } .changes th:first-child { width: 40%; }
.name { display: block; font-weight: 600; overflow-wrap: anywhere; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
thead .number, tbody .number { padding-inline-end: 1.5rem; }
.tag {
  display: inline-block; margin-inline-end: 0.35rem; padding: 0 0.45rem; border: 1px solid currentcolor; border-radius: 4px;
  font-size: 0.75rem; font-weight: 600; line-height: 1.35rem; white-space: nowrap;
}
.high { color: var(--high); background: var(--high-fill); }
.medium { color: var(--medium); background: var(--medium-fill); }
.low { color: var(--low); background: var(--low-fill); }
.new { color: var(--new); background: var(--new-fill); }
.notes { margin: 0 0 0.9rem; padding: 0.6rem 0.9rem; border-inline-start: 3px solid var(--muted); background: var(--sheet); }
.notes.bad { border-color: var(--high); }
summary { width: fit-content; color: var(--link); cursor: pointer; }
details[open] > summary { margin-bottom: 0.3rem; }
.entry + .entry { margin-top: 0.7rem; }
dl.legend { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 0.8rem; margin: 0; }
dl.legend dd { margin: 0; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.8125rem; }
footer h2 { margin-top: 0; font-size: 0.875rem; color: var(--ink); }
@media screen and (min-width: 60.01rem) {
  .people thead th { position: sticky; top: 0; background: var(--paper); }
}
@media screen and (max-width: 60rem) {
  .cards, .cards caption, .cards tbody, .cards tr, .cards th, .cards td { display: block; width: auto; }
  .cards colgroup { display: none; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tr { padding: 0.9rem 0; border-top: 1px solid var(--line); }
  .cards tr:first-child { border-top: 0; padding-top: 0; }
  .cards th, .cards td { padding: 0.2rem 0; border: 0; }
  .changes th:first-child, .changes td:nth-child(2) { width: auto; }
  .cards td { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: 0.75rem; overflow-wrap: anywhere; }
  .cards td[data-label]::before { content: attr(data-label); color: var(--muted); font-size: 0.8125rem; line-height: 1.8; }
  .cards td:empty { display: none; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --sheet: #ffffff; --ink: #000000; --muted: #444444; --line: #bbbbbb; --link: #000000;
    --high: #8a0f1a; --high-fill: #ffffff; --medium: #6a4000; --medium-fill: #ffffff; --low: #333333; --low-fill: #ffffff;
    --new: #1b5e33; --new-fill: #ffffff;
  }
  @page { size: A4 landscape; margin: 12mm; }
  html { font-size: 9pt; }
  body { max-width: none; padding: 0; }
  h2 { break-after: avoid; margin-top: 1.5rem; }
  thead { display: table-header-group; }
  tr, .figures, .notes, dl.legend > * { break-inside: avoid; }
  .filter, .skip { display: none; }
  .scroll { overflow: visible; }
  details::details-content { display: block; content-visibility: visible; height: auto; }
  details > summary { display: none; }
}
`;

/** The filter of the page. Without it everything is there to read, and the filter is not shown. */
export const script = `
"use strict";
const form = document.getElementById("filter");
const shown = document.getElementById("shown");
const sections = [...document.querySelectorAll("section[data-cluster]")];
const { text, risk, cluster, changed } = form.elements;
const texts = new Map();
const textOf = (row) => {
  if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
  return texts.get(row);
};
const isRisky = (row, wanted) =>
  wanted === "" || row.dataset.severity === wanted || row.dataset.rules.split(" ").includes(wanted);
const apply = () => {
  const words = text.value.toLowerCase().split(" ").filter((word) => word !== "");
  const wanted = { risk: risk.value, cluster: cluster ? cluster.value : "", changed: changed ? changed.value !== "" : false };
  const isFiltered = words.length > 0 || wanted.risk !== "" || wanted.cluster !== "" || wanted.changed;
  let [count, all] = [0, 0];
  for (const section of sections) {
    const isWanted = wanted.cluster === "" || section.dataset.cluster === wanted.cluster;
    let found = 0;
    for (const row of section.querySelectorAll("tr[data-rules]")) {
      const fits = isWanted && isRisky(row, wanted.risk) && (!wanted.changed || row.dataset.change !== "") &&
        words.every((word) => textOf(row).includes(word));
      row.hidden = !fits;
      found += fits ? 1 : 0;
      all += 1;
    }
    section.hidden = isFiltered && found === 0 && !(isWanted && words.length === 0 && wanted.risk === "" && !wanted.changed);
    count += found;
  }
  shown.textContent = isFiltered ? "Filtered: " + count + " of " + all + " identities are shown." : "";
};
form.hidden = false;
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(apply));
// A browser keeps what was typed when it shows the page again.
apply();
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
`;
