#!/usr/bin/env node
import { nodeVersionProblem } from "../provider/pulumi/versions";

const unsupportedNode = nodeVersionProblem();
if (unsupportedNode !== undefined) {
  process.stderr.write(`error: ${unsupportedNode}\n`);
  process.exit(2);
}
// Loaded after the check, since an older Node.js may not parse them.
const { exitCode, processTerminal }: typeof import("./output") = require("./output");
const { runCli }: typeof import("./program") = require("./program");

const terminal = processTerminal();
// Node.js exits with 0 when no work is pending, even if the command has not finished.
const stoppedShort = () => {
  terminal.err("error: internal error; please report this as a bug: the command ended unexpectedly\n");
  process.exitCode = exitCode.failed;
};
process.once("beforeExit", stoppedShort);

void runCli(process.argv.slice(2), terminal).then((code) => {
  process.off("beforeExit", stoppedShort);
  process.exitCode = code;
  // Exit even if something is still running, such as a hanging credential process. A failed write to stdout has already exited.
  process.stdout.write("", (error) => error ?? process.stderr.write("", () => process.exit()));
});
