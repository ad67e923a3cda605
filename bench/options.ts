import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type MeasurementName, measurementNames } from "./measurements/index.ts";
import { fullReport } from "./report/documents.ts";

/** The options of a run of the benchmark. */
export interface BenchOptions {
  /** Fewer rounds, and no stacks of 1,000; the figures are not published. */
  readonly isQuick: boolean;
  /** What to measure. Figures of the rest stay as the last full run left them. */
  readonly only: readonly MeasurementName[];
  /** The directory of the resource plugin's start script; undefined for the plugin as it is released. */
  readonly plugin: string | undefined;
  /** Whether to put the tables into the documents. */
  readonly write: boolean;
  /** Whether only to print the figures that are kept. */
  readonly report: boolean;
}

/** What `--help` prints. */
export const usage = `npm run bench -- [--quick] [--only NAME,...] [--plugin DIRECTORY] [--write] [--report]

  --quick   fewer rounds and smaller stacks; about 15 minutes in place of about 100
  --only    measure only these: ${measurementNames.join(", ")}
  --plugin  measure the resource plugin whose start script is there, in place of the one that a release has
  --write   put the tables into README.md and ${fullReport}
  --report  measure nothing: print, and with --write put into the documents, what the last run kept
`;

/** Reads the arguments; undefined for `--help`. @throws RangeError for invalid arguments. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const values = valuesIn(args);
  if (values.help) {
    return undefined;
  }
  const named = values.only?.flatMap((names) => names.split(",")).map(measurementNamed);
  const options = {
    isQuick: values.quick,
    only: named ?? measurementNames,
    plugin: values.plugin === undefined ? undefined : resolve(values.plugin),
    write: values.write,
    report: values.report,
  };
  if (options.isQuick && options.write) {
    throw new RangeError("--write publishes figures, and those of --quick are not fit for that");
  }
  return options;
}

function measurementNamed(text: string): MeasurementName {
  const name = measurementNames.find((known) => known === text);
  if (name === undefined) {
    throw new RangeError(`there is no measurement "${text}"; measurements are ${measurementNames.join(", ")}`);
  }
  return name;
}

function valuesIn(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw error instanceof TypeError ? new RangeError(error.message, { cause: error }) : error;
  }
}

const flags = {
  quick: { type: "boolean", default: false },
  only: { type: "string", multiple: true },
  plugin: { type: "string" },
  write: { type: "boolean", default: false },
  report: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;
