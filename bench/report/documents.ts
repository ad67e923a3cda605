import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "../../tests/support/engine/testProject.ts";
import { bounds } from "../bounds.ts";
import type { Results } from "../results.ts";
import { fullTable, shortTable } from "./markdown.ts";
import { rowOf } from "./rows.ts";

/** The contributors' page, with every reading. */
export const fullReport = "docs/internals/performance.md";

/** Puts the tables, and the figures in the text around them, between their markers in README.md and the full report. */
export async function updateDocuments(results: Results): Promise<void> {
  await update(fullReport, fullTable(results), results);
  await update("README.md", shortTable(results), results);
}

/** @throws RangeError when the document has no place for the table. */
async function update(name: string, table: string, results: Results): Promise<void> {
  const file = join(repository, name);
  const text = await readFile(file, "utf8");
  const parts = /^(.*<!-- bench: begin -->).*(<!-- bench: end -->.*)$/s.exec(text);
  if (parts === null) {
    throw new RangeError(
      `${name} has no lines "<!-- bench: begin -->" and "<!-- bench: end -->" to put the table between`,
    );
  }
  await writeFile(file, withFigures(`${parts[1]}\n\n${table}\n\n${parts[2]}`, results));
}

/** A figure in a sentence stands between `<!-- ID COLUMN -->` and `<!-- -->`; it stays as it is while there is no such reading. */
function withFigures(text: string, { readings }: Results): string {
  return text.replace(
    /(<!-- (\S+) (ours|base|spread) -->).*?(<!-- -->)/g,
    (whole: string, begin: string, id: string, column: "ours" | "base" | "spread", end: string) => {
      const reading = readings.find((made) => made.id === id);
      const bound = bounds[id];
      return reading === undefined || bound === undefined ? whole : begin + rowOf(reading, bound)[column] + end;
    },
  );
}
