// For `node --import`: writes the modules that the process has loaded to LOADS_FILE: packages by name, modules of this package by their
// path in `dist`, and Node's modules as `node:fs`.
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
