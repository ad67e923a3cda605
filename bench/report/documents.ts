import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "../../tests/support/engine/testProject.ts";
import type { Results } from "../results.ts";
import { fullTable, shortTable } from "./markdown.ts";

/** Puts the tables between the markers of README.md and docs/performance.md. */
export async function updateDocuments(results: Results): Promise<void> {
  await replaceTable("README.md", shortTable(results));
  await replaceTable("docs/performance.md", fullTable(results));
}

/** @throws when the document has no place for the table. */
async function replaceTable(name: string, table: string): Promise<void> {
  const file = join(repository, name);
  const text = await readFile(file, "utf8");
  const parts = /^(.*<!-- bench: begin -->\n).*(\n<!-- bench: end -->.*)$/s.exec(text);
  if (parts === null) {
    throw new Error(`${name} has no lines "<!-- bench: begin -->" and "<!-- bench: end -->" to put the table between`);
  }
  await writeFile(file, `${parts[1]}\n${table}\n${parts[2]}`);
}
