#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { nodeProblem } from "../provider/engine/nodeVersion";

// The program itself tells of a Node.js that is too old, which has no such cache.
if (nodeProblem() === undefined) {
  enableCompileCache();
}
const { exitCode }: typeof import("./commandLine") = require("./commandLine");
const { runCli }: typeof import("./program") = require("./program");
const { processTerminal }: typeof import("./terminal") = require("./terminal");

const terminal = processTerminal();
// Node.js ends with 0 when nothing is left to wait for, whether or not the command has ended.
const stoppedShort = () => {
  terminal.err("error: this is a bug in pulumi-aws-auth, please report it: the command stopped before its end\n");
  process.exitCode = exitCode.failed;
};
process.once("beforeExit", stoppedShort);

void runCli(process.argv.slice(2), terminal).then((code) => {
  process.off("beforeExit", stoppedShort);
  process.exitCode = code;
  // What still runs, such as a credential process that hangs, keeps nobody waiting. A stdout that fails ends the process itself.
  process.stdout.write("", (error) => error ?? process.stderr.write("", () => process.exit()));
});
