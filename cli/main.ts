#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { nodeProblem } from "../provider/engine/nodeVersion";

// The program itself tells of a Node.js that is too old, which has no such cache.
if (nodeProblem() === undefined) {
  enableCompileCache();
}
const { runCli }: typeof import("./program") = require("./program");
const { processTerminal }: typeof import("./terminal") = require("./terminal");

// Sets the exit code instead of calling exit, so that all output is written first.
void runCli(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
});
