import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { repository } from "../tests/support/engine/testProject.ts";
import { besideEksctl, boundOf, bounds, eksctlName } from "./bounds.ts";
import { figuresOf, judge, type Reading, summarize, type Unit, type Verdict } from "./verdict.ts";

/** A reading with its date in ISO 8601. */
export interface Recorded extends Reading {
  readonly date: string;
}

/** The content of a file of raw figures. */
export interface Results {
  /** The machine of the newest readings. */
  readonly machine: string;
  readonly readings: readonly Recorded[];
}

/** The contributors' page with all readings. */
export const fullReport = "docs/internals/performance.md";

/** The file of a run's figures: those of full runs are committed, those of quick runs are not. */
export function resultsFile(isQuick: boolean): string {
  return isQuick ? join(repository, ".local", "bench-quick.json") : join(repository, "bench", "results", "latest.json");
}

/** Reads a file of figures; undefined if it does not exist. */
export async function loadResults(file: string): Promise<Results | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Saves a reading in place of the last one with the same ID; the others are unchanged. */
export async function keepReading(file: string, reading: Reading): Promise<void> {
  const before = (await loadResults(file))?.readings ?? [];
  const readings = [
    ...before.filter(({ id }) => id !== reading.id),
    { ...reading, date: new Date().toISOString().slice(0, 10) },
  ];
  await mkdir(dirname(file), { recursive: true });
  await writeFile(
    `${file}.new`,
    `${JSON.stringify({ machine: machine(), readings } satisfies Results, undefined, 1)}\n`,
  );
  await rename(`${file}.new`, file);
}

function machine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} cores (${cores[0]?.model ?? "unknown"}), ${memory} GiB, Node ${process.versions.node}`;
}

/** The verdict of a reading, and a line that reports it in a terminal or log. */
export function lineOf(reading: Reading): { readonly verdict: Verdict; readonly line: string } {
  const { subject, ours, against, figures, runs, bound, verdict } = rowOf(reading);
  const told = against === "" ? figures : `${ours} against ${against}, ratio ${figures}`;
  const mark = verdict === "missed" ? "MISSED" : verdicts[verdict];
  const line = `${mark.padEnd(12)} ${subject}: ${told}, runs: ${runs}${bound === "" ? "" : `; bound ${bound}`}`;
  return { verdict, line };
}

/** A table with one row for each reading, in the order of the bounds. */
export function readingsTable(readings: readonly Reading[]): string {
  const rows = Object.keys(bounds)
    .flatMap((id) => readings.find((made) => made.id === id) ?? [])
    .map(rowOf)
    .map((row) => [row.subject, row.ours, row.against, row.figures, row.runs, row.bound, verdicts[row.verdict]]);
  return table(["measured", "ours", "compared with", "ratio, or figure (min to max)", "runs", "bound", ""], rows);
}

/** The comparison with eksctl for users, near the API server and far from it. */
export function eksctlTable(readings: readonly Reading[]): string {
  const of = (step: string, distance: string): readonly string[] => {
    const reading = readings.find(({ id }) => id === `eksctl/${distance}/${step}`);
    if (reading === undefined) {
      return ["", "", ""];
    }
    return [medianOf(reading.ours, "s"), medianOf(reading.base ?? [], "s"), rowOf(reading).figures];
  };
  const rows = Object.entries(besideEksctl).map(([step, subject]) => [
    subject,
    ...of(step, "near"),
    ...of(step, "far"),
  ]);
  const heads = (where: string) => [`ours, ${where}`, eksctlName, "ratio"];
  return table(["200 mappings", ...heads("API server near"), ...heads("100 ms away")], rows);
}

/** Writes the tables between the markers of the contributors' page. */
export async function updateDocuments({ machine, readings }: Results): Promise<void> {
  const isBesideEksctl = ({ id }: Reading) => id.startsWith("eksctl/");
  const beside = eksctlTable(readings.filter(isBesideEksctl));
  const others = readingsTable(readings.filter((reading) => !isBesideEksctl(reading)));
  await update(fullReport, `${beside}\n\n${others}`, origin(machine, readings));
}

/** Replaces the text between a document's markers. @throws RangeError if the document has no markers. */
async function update(name: string, table: string, origin: string): Promise<void> {
  const file = join(repository, name);
  const text = await readFile(file, "utf8");
  const parts = /^(.*<!-- bench: begin -->).*(<!-- bench: end -->.*)$/s.exec(text);
  if (parts === null) {
    throw new RangeError(
      `${name} has no lines "<!-- bench: begin -->" and "<!-- bench: end -->" to put the table between`,
    );
  }
  await writeFile(file, `${parts[1]}\n\n${table}\n\n${origin}\n\n${parts[2]}`);
}

function origin(machine: string, readings: readonly Recorded[]): string {
  const dates = [...new Set(readings.map(({ date }) => date))].sort();
  return `Measured on ${dates.join(", ")} with \`npm run bench\`: ${machine}.`;
}

const verdicts = { met: "met", noise: "within noise", missed: "missed", reported: "" } as const;

function rowOf(reading: Reading) {
  const { id, unit, ours, base } = reading;
  const { subject, against = "", most } = boundOf(id);
  const { least, median, most: greatest } = summarize(figuresOf(reading));
  const told = base === undefined ? unit : "";
  const spread = least === greatest ? "" : ` (${formatFigure(least)} to ${formatFigure(greatest)})`;
  return {
    subject,
    ours: medianOf(ours, unit),
    against: base === undefined ? "" : `${medianOf(base, unit)}, ${against}`,
    figures: amount(median, told) + spread,
    runs: String(ours.length),
    bound: most === undefined ? "" : `≤ ${amount(most, told)}`,
    verdict: judge(reading, most),
  };
}

function medianOf(figures: readonly number[], unit: Unit): string {
  return amount(summarize(figures).median, unit);
}

function amount(figure: number, unit: Unit): string {
  return unit === "" ? formatFigure(figure) : `${formatFigure(figure)} ${unit}`;
}

/** Formats with three significant digits, or all digits of an integer. */
function formatFigure(figure: number): string {
  return figure.toLocaleString("en-US", Number.isInteger(figure) ? {} : { maximumSignificantDigits: 3 });
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
