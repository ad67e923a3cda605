import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { repository } from "../tests/support/engine/testProject.ts";
import type { Reading } from "./reading.ts";

/** Raw figures, as stored in the file. */
export interface Results {
  /** What the newest of them were measured on. */
  readonly machine: string;
  /** When the newest reading was made, ISO 8601. */
  readonly date: string;
  readonly readings: readonly Reading[];
}

/** Where a run keeps its figures: full ones are published with the package's sources, quick ones are not. */
export function resultsFile(isQuick: boolean): string {
  return isQuick ? join(repository, ".local", "bench-quick.json") : join(repository, "bench", "results", "latest.json");
}

/** The figures that a file keeps; undefined: there is no such file. */
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

/** Replaces the last reading of the same name, so that a partial run keeps the others. */
export async function keepReading(file: string, reading: Reading): Promise<void> {
  const before = (await loadResults(file))?.readings ?? [];
  const readings = [...before.filter(({ id }) => id !== reading.id), reading];
  const results: Results = { machine: machine(), date: new Date().toISOString(), readings };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(results, undefined, 1)}\n`);
  await rename(`${file}.new`, file);
}

function machine(): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} cores (${cores[0]?.model ?? "unknown"}), ${memory} GiB, Node ${process.versions.node}`;
}
