// Loaded into a process before anything else: on any message it responds with the milliseconds that modules took to load, by
// package group.
import Module from "node:module";
import { groupOf, type LoadTimes } from "./packageGroups.ts";

interface Loader {
  _compile(this: unknown, content: string, filename: string, ...rest: unknown[]): unknown;
}

const times: LoadTimes = {};
/** The groups whose modules are being evaluated, the innermost last, with the time spent in others meanwhile. */
const stack: { group: string; nested: number }[] = [];

const loader = Module.prototype as unknown as Loader;
const compile = loader._compile;
loader._compile = function (content, filename, ...rest) {
  const frame = { group: groupOf(filename) ?? stack.at(-1)?.group ?? "others", nested: 0 };
  stack.push(frame);
  const start = performance.now();
  try {
    return compile.call(this, content, filename, ...rest);
  } finally {
    const took = performance.now() - start;
    stack.pop();
    const outer = stack.at(-1);
    if (outer !== undefined) {
      outer.nested += took;
    }
    const so = times[frame.group] ?? { modules: 0, ms: 0 };
    times[frame.group] = { modules: so.modules + 1, ms: so.ms + took - frame.nested };
  }
};

process.on("message", () => process.send?.(times));
