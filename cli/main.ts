#!/usr/bin/env node
import { runCli } from "./runCli";
import { processTerminal } from "./terminal";

const terminal = processTerminal();

// The exit code is left for the process to end with, so that all output is written first.
void runCli(process.argv.slice(2), terminal).then(async (code) => {
  await terminal.flush();
  process.exitCode = code;
});
