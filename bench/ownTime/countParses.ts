import { createRequire } from "node:module";
import { join } from "node:path";
import { repository } from "../../tests/support/engine/testProject.ts";

/**
 * Starts to count how often the built package parses a string of at least that many characters.
 *
 * @returns the count so far.
 */
export function countParses(length: number): () => number {
  const load = createRequire(import.meta.url);
  const parser: typeof import("../../provider/document/ownStyle.ts") = load(
    join(repository, "dist", "provider", "document", "ownStyle.js"),
  );
  const { readKeyText } = parser;
  let count = 0;
  // The compiled modules call each other through their exports, so this affects all of them.
  Object.assign(parser, {
    readKeyText: (...args: Parameters<typeof readKeyText>) => {
      count += args[1].length >= length ? 1 : 0;
      return readKeyText(...args);
    },
  });
  return () => count;
}
