// `npm run bench`: measures, prints each reading, saves the raw figures, and exits with 1 if a bound is exceeded.
import { parseArgs } from "node:util";
import { PartError } from "../tests/support/parts/cacheDirectory.ts";
import { ensureParts, partsFor } from "../tests/support/parts/ensureParts.ts";
import type { Bench } from "./bench.ts";
import { eksctl } from "./eksctl.ts";
import { entries } from "./entries.ts";
import { life } from "./life.ts";
import { fullReport, keepReading, lineOf, loadResults, readingsTable, resultsFile, updateDocuments } from "./report.ts";
import type { Reading } from "./verdict.ts";

/** The measurements, in order of execution. */
const measurements: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  eksctl,
  entries,
  life,
};

const usage = `npm run bench -- [--only NAME,...] [--quick] [--write] [--report]

  --only    measure only these: ${Object.keys(measurements).join(", ")}
  --quick   one round, and a stack of 100: shows that everything runs
  --write   put the tables into ${fullReport}
  --report  measure nothing: print, and with --write put into the documents, what the last runs kept
`;

/** Cleanups of the current measurement: API servers, proxies, directories. */
let cleanUps: (() => Promise<void>)[] = [];

for (const [signal, number] of [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(128 + number)));
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof PartError || error instanceof RangeError)) {
    throw error;
  }
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}

/** @returns the exit code: 1 if a bound is exceeded or a measurement failed. */
async function main(): Promise<number> {
  const { help, quick, write, report, only } = parseArgs({
    options: {
      help: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      report: { type: "boolean", default: false },
      only: { type: "string" },
    },
  }).values;
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  if (quick && write) {
    throw new RangeError("--write publishes figures, and those of --quick are not fit for that");
  }
  const file = resultsFile(quick);
  const names = only?.split(",") ?? Object.keys(measurements);
  const made = report ? undefined : await measureAll(names.map(measurementNamed), quick, file);
  const results = await loadResults(file);
  if (results === undefined) {
    throw new RangeError("there are no figures yet; run without --report first");
  }
  const readings = made?.readings ?? results.readings;
  console.log(`\n${readingsTable(readings)}\n\nThe figures are in ${file}.`);
  if (write) {
    await updateDocuments(results);
  }
  return made?.isComplete === false || readings.some((reading) => lineOf(reading).verdict === "missed") ? 1 : 0;
}

function measurementNamed(name: string): readonly [string, (bench: Bench) => Promise<void>] {
  const measurement = measurements[name];
  if (measurement === undefined) {
    throw new RangeError(`there is no measurement "${name}"; measurements are ${Object.keys(measurements).join(", ")}`);
  }
  return [name, measurement];
}

/** Runs the measurements; reports one that fails and continues with the others. */
async function measureAll(
  chosen: readonly ReturnType<typeof measurementNamed>[],
  isQuick: boolean,
  file: string,
): Promise<{ readonly readings: readonly Reading[]; readonly isComplete: boolean }> {
  const isCompared = chosen.some(([name]) => name === "eksctl");
  await ensureParts(partsFor.bench.filter((name) => name !== "eksctl" || isCompared));
  const started = performance.now();
  const progress = (text: string) => console.error(`${Math.round((performance.now() - started) / 1000)} s: ${text}`);
  const readings: Reading[] = [];
  const emit = async (reading: Reading) => {
    readings.push(reading);
    console.log(lineOf(reading).line);
    await keepReading(file, reading);
  };
  const failed: string[] = [];
  for (const [name, measurement] of chosen) {
    progress(name);
    try {
      await measurement({ isQuick, progress, emit, onEnd: (end) => void cleanUps.push(end) });
    } catch (error) {
      console.error(error);
      failed.push(name);
    } finally {
      await cleanUp();
    }
  }
  progress(failed.length === 0 ? "all measured" : `failed: ${failed.join(", ")}`);
  return { readings, isComplete: failed.length === 0 };
}

/** Runs the cleanups of the current measurement in reverse order. */
async function cleanUp(): Promise<void> {
  const ends = cleanUps.toReversed();
  cleanUps = [];
  for (const end of ends) {
    await end();
  }
}
