/** The style of the page. Its colours keep a contrast of at least 4.5 to 1, and mean nothing that words do not say as well. */
export const style = `
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
* { box-sizing: border-box; }
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
.muted { color: var(--muted); }
.small { font-size: 0.8125rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
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
.filter select, .filter button {
  width: 100%; min-height: 2.5rem; padding: 0.35rem 0.65rem; font: inherit; color: var(--ink); background: var(--paper);
  border: 1px solid var(--muted); border-radius: 5px;
}
.filter button { flex: 0 0 auto; width: auto; padding-inline: 1rem; cursor: pointer; }
table { width: 100%; border-collapse: collapse; }
caption { padding: 0 0 0.5rem; text-align: start; color: var(--muted); font-size: 0.8125rem; }
th, td { padding: 0.7rem 0.9rem 0.7rem 0; text-align: start; vertical-align: top; border-top: 1px solid var(--line); }
thead th { padding-block: 0.45rem; border-top: 0; border-bottom: 1px solid var(--muted); font-size: 0.8125rem; color: var(--muted); }
tbody th { font-weight: 400; }
tbody tr:first-child > * { border-top: 0; }
.rows { table-layout: fixed; overflow-wrap: anywhere; }
.rows thead th:nth-child(1) { width: 21%; } .rows thead th:nth-child(2) { width: 9%; } .rows thead th:nth-child(3) { width: 14%; }
.rows thead th:nth-child(4) { width: 12%; } .rows thead th:nth-child(5) { width: 17%; } .rows thead th:nth-child(6) { width: 18%; }
.list > li {
  display: grid; grid-template-columns: minmax(6rem, max-content) minmax(0, 2fr) minmax(0, 3fr); gap: 0.3rem 1rem; margin: 0;
  padding: 0.7rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere;
}
.name { display: block; font-weight: 600; overflow-wrap: anywhere; }
.tag {
  display: inline-block; margin-inline-end: 0.35rem; padding: 0 0.45rem; border: 1px solid currentcolor; border-radius: 4px;
  font-size: 0.75rem; font-weight: 600; line-height: 1.35rem; white-space: nowrap;
}
.bad { color: var(--bad); background: var(--bad-fill); }
.warn { color: var(--warn); background: var(--warn-fill); }
.quiet { color: var(--quiet); background: var(--quiet-fill); }
.good { color: var(--good); background: var(--good-fill); }
.notes { margin: 0 0 0.9rem; padding: 0.6rem 0.9rem; border-inline-start: 3px solid var(--muted); background: var(--sheet); }
summary { width: fit-content; color: var(--link); cursor: pointer; }
details[open] > summary { margin-bottom: 0.3rem; }
dl.legend { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 0.8rem; margin: 0; }
dl.legend dd { margin: 0; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.8125rem; }
footer h2 { margin-top: 0; font-size: 0.875rem; color: var(--ink); }
@supports not selector(:has(a)) { .filter { display: none; } }
@media screen and (min-width: 70.01rem) {
  .rows thead th { position: sticky; top: 0; background: var(--paper); }
}
@media screen and (max-width: 70rem) {
  .rows, .rows caption, .rows tbody, .rows tr, .rows th, .rows td { display: block; width: auto; }
  .rows thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .rows tr { padding: 0.9rem 0; border-top: 1px solid var(--line); }
  .rows tr:first-child { border-top: 0; padding-top: 0; }
  .rows th, .rows td { padding: 0.2rem 0; border: 0; }
  .rows td { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: 0.75rem; overflow-wrap: anywhere; }
  .rows td[data-label]::before { content: attr(data-label); color: var(--muted); font-size: 0.8125rem; line-height: 1.8; }
  .rows td:empty { display: none; }
}
@media screen and (max-width: 40rem) {
  .list > li { grid-template-columns: minmax(0, 1fr); }
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
  body { max-width: none; padding: 0; }
  h2 { break-after: avoid; margin-top: 1.5rem; }
  thead { display: table-header-group; }
  tr, .figures, .notes, dl.legend > * { break-inside: avoid; }
  .filter, .skip { display: none; }
  details::details-content { display: block; content-visibility: visible; height: auto; }
  details > summary { display: none; }
}
`;
