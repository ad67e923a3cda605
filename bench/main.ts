// `npm run bench`: measures, prints each reading as it is made, keeps the raw figures, and ends with 1 where a bound is missed.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "../tests/support/engine/testProject.ts";
import { ensureParts, partsFor } from "../tests/support/parts/ensureParts.ts";
import { PartError } from "../tests/support/parts/partError.ts";
import { boundOf } from "./bounds.ts";
import { measurements } from "./measurements/index.ts";
import { type BenchOptions, readOptions, usage } from "./options.ts";
import type { Reading } from "./reading.ts";
import { updateDocuments } from "./report/documents.ts";
import { readingsTable } from "./report/markdown.ts";
import { rowOf } from "./report/rows.ts";
import { lineOf } from "./report/terminal.ts";
import { keepReading, loadResults, resultsFile } from "./results.ts";
import { endMeasurement, runMeasurement } from "./runMeasurement.ts";

for (const [signal, number] of [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const) {
  process.once(signal, () => void endMeasurement().finally(() => process.exit(128 + number)));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
  } else {
    process.exitCode = await main(options);
  }
} catch (error) {
  if (!(error instanceof PartError || error instanceof RangeError)) {
    throw error;
  }
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}

/** @returns the exit code: 1 where a bound is missed or a measurement failed. */
async function main(options: BenchOptions): Promise<number> {
  const file = resultsFile(options.isQuick);
  const { readings, failures } = options.report ? await kept(file) : await measure(options, file);
  const rows = readings.map((reading) => rowOf(reading, boundOf(reading.id)));
  const missed = rows.filter(({ verdict }) => verdict === "missed");
  console.log(`\n${readingsTable(readings)}\n`);
  console.log(`${rows.length} readings, ${missed.length} of them missed their bounds; figures in ${file}`);
  for (const line of [...missed.map(lineOf), ...failures]) {
    console.log(line);
  }
  const results = await loadResults(file);
  if (options.write && results !== undefined) {
    await updateDocuments(results);
  }
  return missed.length === 0 && failures.length === 0 ? 0 : 1;
}

interface Measured {
  readonly readings: readonly Reading[];
  /** What went wrong, measurement by measurement. */
  readonly failures: readonly string[];
}

/** What the last runs kept. */
async function kept(file: string): Promise<Measured> {
  const readings = (await loadResults(file))?.readings;
  if (readings === undefined) {
    throw new RangeError("no figures are kept yet; run without --report first");
  }
  return { readings, failures: [] };
}

/** Measures what is named. A measurement that fails is told, and the others go on. */
async function measure(options: BenchOptions, file: string): Promise<Measured> {
  execFileSync(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: repository,
    stdio: "inherit",
  });
  await ensureParts(partsFor.bench);
  const readings: Reading[] = [];
  const failures: string[] = [];
  const emit = async (reading: Reading) => {
    console.log(lineOf(rowOf(reading, boundOf(reading.id))));
    readings.push(reading);
    await keepReading(file, reading);
  };
  for (const name of options.only) {
    console.log(`\n── ${name}`);
    try {
      await runMeasurement(measurements[name], options, emit);
    } catch (error) {
      const failure = `${name} failed: ${error instanceof Error ? error.stack : error}`;
      failures.push(failure);
      console.error(failure);
    }
  }
  return { readings, failures };
}
