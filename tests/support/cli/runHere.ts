import type { ExitCode } from "../../../cli/output.ts";
import { runCli } from "../../../cli/program.ts";

/** Runs a command in this process, which is cheaper than the built program. */
export async function runHere(...args: readonly string[]): Promise<{ code: ExitCode; out: string; err: string }> {
  const printed = { out: "", err: "" };
  const print = (stream: "out" | "err") => (text: string) => {
    printed[stream] += text;
  };
  return { code: await runCli(args, { out: print("out"), err: print("err") }), ...printed };
}
