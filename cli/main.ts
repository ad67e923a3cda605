#!/usr/bin/env node
import { runCli } from "./program";
import { processTerminal } from "./terminal";

// The exit code is left for the process to end with, so that all output is written first.
void runCli(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
});
