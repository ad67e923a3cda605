import { tmpdir } from "node:os";
import { cliFile } from "../../tests/support/cli/runCli.ts";
import type { Bench } from "../support/bench.ts";
import { inTurns } from "../support/rounds.ts";
import { runProgram } from "../support/runProgram.ts";
import { timed } from "../support/timed.ts";

/** What the command line costs before it does anything: its help, beside Node's own start. */
export async function commandLine(bench: Bench): Promise<void> {
  const help = { args: [cliFile, "--help"], ms: [] as number[] };
  const nothing = { args: ["-e", "0"], ms: [] as number[] };
  const run = (args: readonly string[]) => runProgram(process.execPath, args, { directory: tmpdir(), env: {} });
  bench.progress("--help");
  // Not measured: the first run reads the program from the disk.
  const { output } = await run(help.args);
  if (!output.startsWith("Usage: ")) {
    throw new Error(`--help does not print the help:\n${output.slice(0, 4000)}`);
  }
  await inTurns(bench.isQuick ? 5 : 30, [help, nothing], async ({ args, ms }) => {
    ms.push((await timed(() => run(args))) * 1000);
  });
  await bench.emit({ id: "cli/help", unit: "ms", ours: help.ms, base: nothing.ms });
}
