#!/usr/bin/env node
import { runCli } from "./program";
import { processTerminal } from "./terminal";

// Sets the exit code instead of calling exit, so that all output is written first.
void runCli(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
});
