import { hash } from "node:crypto";
import { reviewRules } from "../provider/reports/accessReview";

/** What the page can be filtered by. */
export const marks: readonly string[] = [...reviewRules, "changed"];

/** Each option of the filter has a CSS rule, since the page has no script. */
const filters = marks
  .map((mark) => `:root:has(option[value="${mark}"]:checked) tbody:not([data-marks~="${mark}"]) { display: none; }`)
  .join("\n");

/** Colours have a contrast of at least 4.5 to 1, and text repeats their meaning. */
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
export const policy = `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'; form-action 'none'`;
