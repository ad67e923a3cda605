import { hash } from "node:crypto";

/** Colours have a contrast of at least 4.5 to 1, and text repeats their meaning. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#ffffff, #14181d); --sheet: light-dark(#f6f7f9, #1b2027); --line: light-dark(#d5dae0, #363e48);
  --ink: light-dark(#1b2129, #e7eaee); --muted: light-dark(#56606c, #a5afba); --link: light-dark(#0b57a4, #8ab8f0);
  --bad: light-dark(#a3121f, #ffb0b0); --bad-fill: light-dark(#fdecec, #45191d);
  --warn: light-dark(#7a4a00, #f3cd86); --warn-fill: light-dark(#fdf3e0, #3f2f10);
  --quiet: light-dark(#44505c, #c2cbd5); --quiet-fill: light-dark(#eef1f4, #2a313a);
  --good: light-dark(#1b5e33, #a4dcb8); --good-fill: light-dark(#e7f5ec, #17361f);
}
@media print {
  :root { color-scheme: light; }
  @page { size: A4 landscape; margin: 12mm; }
  html { font-size: 9pt; }
  body { padding: 0 !important; }
  h2 { break-after: avoid; }
  tr, dt, dd { break-inside: avoid; }
  summary, dl details { display: none !important; }
  details::details-content { display: block; content-visibility: visible; height: auto; }
}
body { overflow-wrap: anywhere; margin: 0 auto; padding: 2rem clamp(1rem, 3vw, 3rem); max-width: 100rem; background: var(--paper); color: var(--ink); font: 0.9375rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; }
h2 { margin: 2.5rem 0 0.5rem; font-size: 1.1875rem; }
p { margin: 0 0 0.25rem; }
ul, dd { margin: 0; padding: 0; list-style: none; }
li + li { margin-top: 0.3rem; }
code { font: 0.875em/1.45 ui-monospace, monospace; unicode-bidi: isolate; }
.name { display: block; font-weight: 600; }
.muted, .muted code { color: var(--muted); font-size: 0.8125rem; }
.figures span { display: inline-block; margin: 0.5rem 0.5rem 0 0; padding: 0.4rem 0.8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--sheet); font-weight: 600; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th, td { padding: 0.6rem 0.9rem 0.6rem 0; text-align: start; vertical-align: top; font-weight: 400; }
thead th { border-bottom: 1px solid var(--muted); color: var(--muted); font-size: 0.8125rem; }
thead th:nth-child(-n+2) { width: 25%; }
tbody:target { background: var(--sheet); }
tbody { border-bottom: 1px solid var(--line); }
.tag { display: inline-block; padding: 0 0.45rem; border: 1px solid currentcolor; border-radius: 4px; font-size: 0.75rem; font-weight: 600; }
.bad { color: var(--bad); background: var(--bad-fill); }
.warn { color: var(--warn); background: var(--warn-fill); }
.quiet { color: var(--quiet); background: var(--quiet-fill); }
.good { color: var(--good); background: var(--good-fill); }
.notes { margin: 0.5rem 0; padding: 0.6rem 0.9rem; border-inline-start: 3px solid var(--muted); background: var(--sheet); }
.notes:empty, .findings:not(:has(dt)) { display: none; }
a, summary { width: fit-content; color: var(--link); cursor: pointer; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.8125rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 2fr) minmax(0, 3fr); gap: 0.8rem 1.5rem; }
@media screen and (max-width: 60rem) {
  table, thead, tbody, tr, th, td { display: block; width: auto !important; }
  thead { display: none; }
  tbody { padding: 0.6rem 0; }
  th, td { padding: 0.25rem 0; }
  td[data-title]:not(:empty)::before { content: attr(data-title); display: block; color: var(--muted); font-size: 0.8125rem; }
  dl { display: block; }
  dt { margin-top: 1rem; }
}
`;

/** Loads nothing, and allows no style or script except the page's own style. */
export const policy = `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'; form-action 'none'`;
