// `npm run bench`: measures, prints each reading as it is made, keeps the raw figures, and ends with 1 where a bound is missed.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "../tests/support/engine/testProject.ts";
import { ensureParts } from "../tests/support/parts/ensureParts.ts";
import { PartError } from "../tests/support/parts/partError.ts";
import { boundOf } from "./bounds.ts";
import { measurements } from "./measurements/index.ts";
import { type BenchOptions, readOptions, usage } from "./options.ts";
import type { Reading } from "./reading.ts";
import { updateDocuments } from "./report/documents.ts";
import { rowOf } from "./report/rows.ts";
import { lineOf } from "./report/terminal.ts";
import { keepReadings, loadResults, resultsFile } from "./results.ts";
import { runMeasurement } from "./runMeasurement.ts";

// Ending in the ordinary way lets the API servers' watchdogs see that this process is gone.
for (const [signal, number] of [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const) {
  process.once(signal, () => process.exit(128 + number));
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
async function main({ isQuick, only, write, report }: BenchOptions): Promise<number> {
  const file = resultsFile(isQuick);
  const failures = report ? [] : await measure(only, isQuick, file);
  const results = await loadResults(file);
  if (results === undefined) {
    throw new RangeError("no figures are kept yet; run without --report first");
  }
  const missed = results.readings.map((reading) => rowOf(reading, boundOf(reading.id))).filter(isMissed);
  if (report) {
    results.readings.forEach(print);
  }
  console.log(`\n${results.readings.length} readings in ${file}`);
  console.log(missed.length === 0 ? "no bound is missed" : `${missed.length} missed:`);
  missed.forEach((row) => {
    console.log(lineOf(row));
  });
  failures.forEach((failure) => {
    console.error(failure);
  });
  if (write) {
    await updateDocuments(results);
  }
  return missed.length === 0 && failures.length === 0 ? 0 : 1;
}

/** Measures what is named. A measurement that fails is told, and the others go on. */
async function measure(only: BenchOptions["only"], isQuick: boolean, file: string): Promise<string[]> {
  execFileSync(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: repository,
    stdio: "inherit",
  });
  await ensureParts(["pulumi", "kube-apiserver", "etcd"]);
  const emit = async (reading: Reading) => {
    print(reading);
    await keepReadings(file, [reading]);
  };
  const failures: string[] = [];
  for (const name of only) {
    console.log(`\n── ${name}`);
    try {
      await runMeasurement(measurements[name], isQuick, emit);
    } catch (error) {
      failures.push(`${name} failed: ${error instanceof Error ? error.stack : error}`);
      console.error(failures.at(-1));
    }
  }
  return failures;
}

function print(reading: Reading): void {
  console.log(lineOf(rowOf(reading, boundOf(reading.id))));
}

function isMissed({ verdict }: ReturnType<typeof rowOf>): boolean {
  return verdict === "missed";
}
