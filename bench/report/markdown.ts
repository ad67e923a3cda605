import { besideEksctl, eksctlName } from "../bounds.ts";
import type { Reading } from "../reading.ts";
import type { Results } from "../results.ts";
import { rowsOf } from "./rows.ts";

/** The whole table, for contributors. */
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

/** The README's table: how long users wait for the same with eksctl, near the API server and far from it. */
export function shortTable(results: Results): string {
  const of = (step: string, distance: string): readonly string[] => {
    const id = `eksctl/${distance}/${step}`;
    const [row] = rowsOf(results.readings.filter((reading) => reading.id === id));
    return row === undefined ? ["", "", ""] : [row.ours, row.base, row.spread];
  };
  const cells = Object.entries(besideEksctl).map(([step, { subject }]) => [
    subject,
    ...of(step, "near"),
    ...of(step, "far"),
  ]);
  const heads = ["200 mappings", ...headsOf("API server near"), ...headsOf("100 ms away")];
  const words = [
    "One eksctl ClusterConfig with both, by turns.",
    "eksctl has no preview, and needs a changed mapping deleted before it creates it again.",
    "Seconds are medians; in brackets the least and the greatest ratio.",
    origin(results),
  ];
  return `${table(heads, cells)}\n\n${words.join(" ")}`;
}

function headsOf(where: string): string[] {
  return [`ours, ${where}`, eksctlName, "ratio"];
}

const verdicts = { met: "met", noise: "met or missed within noise", missed: "missed", reported: "" } as const;

function origin({ machine, date }: Results): string {
  return `Measured on ${date.slice(0, 10)} with \`npm run bench\`: ${machine}.`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
