// As a module, or before any program with `node --import`: remembers what the process loads, and with LOADS_FILE writes it there in the end.
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

/** What was loaded so far: packages by their names, modules of this package by their paths in `dist`, and Node's own as `node:fs`. */
export const loads = new Set<string>();

registerHooks({
  load(url, context, nextLoad) {
    loads.add(nameOf(url));
    return nextLoad(url, context);
  },
});

const file = process.env["LOADS_FILE"];
if (file !== undefined) {
  process.on("exit", () => writeFileSync(file, JSON.stringify([...loads])));
}

function nameOf(url: string): string {
  const name = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? /\/dist\/(.*)\.js$/.exec(url);
  return name?.[1] ?? url;
}
