import type { Reading } from "../reading.ts";
import type { Results } from "../results.ts";
import { type Row, rowsOf } from "./rows.ts";

/** The whole table, for docs/internals/performance.md. */
export function fullTable(results: Results): string {
  return `${readingsTable(results.readings)}\n\n${origin(results)}`;
}

/** All readings, one a row. */
export function readingsTable(readings: readonly Reading[]): string {
  const cells = rowsOf(readings).map((row) => [
    row.subject,
    row.ours,
    row.against === "" ? "" : `${row.base}, ${row.against}`,
    row.spread,
    String(row.count),
    row.bound,
    verdicts[row.verdict],
  ]);
  const heads = ["measured", "ours", "compared with", "ratio, or figure (min to max)", "runs", "bound", ""];
  return table(heads, cells);
}

/** The rows that a reader of the README asks for first: what a user waits for, next to the two other ways. */
export function shortTable(results: Results): string {
  const of = (id: string): Row | undefined => rowsOf(results.readings.filter((reading) => reading.id === id))[0];
  const cells = ["up", "preview", "drift", "destroy"].flatMap((operation) => {
    const floor = of(`${operation}/1000/floor`);
    const ordinary = of(`${operation}/1000/ordinary`);
    return floor === undefined || ordinary === undefined
      ? []
      : [[floor.subject, floor.ours, floor.base, floor.spread, ordinary.base, ordinary.spread]];
  });
  const heads = [
    "",
    "ours",
    "a provider that does nothing",
    "ratio",
    "`pulumi.dynamic.Resource` that does nothing",
    "ratio",
  ];
  return `${table(heads, cells)}\n\nSeconds are medians; in brackets the least and the greatest ratio. ${origin(results)}`;
}

const verdicts = { met: "met", noise: "met or missed within noise", missed: "missed", reported: "" } as const;

function origin({ machine, date }: Results): string {
  return `Measured on ${date.slice(0, 10)} with \`npm run bench\`: ${machine}.`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
