// Before any program with `node --import`: writes what the process has loaded to LOADS_FILE: packages by their names, modules of this
// package by their paths in `dist`, and Node's own as `node:fs`.
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

const loads = new Set<string>();

registerHooks({
  load(url, context, nextLoad) {
    const name = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? /\/dist\/(.*)\.js$/.exec(url);
    loads.add(name?.[1] ?? url);
    return nextLoad(url, context);
  },
});

const { LOADS_FILE: file = "" } = process.env;
process.on("exit", () => writeFileSync(file, JSON.stringify([...loads])));
