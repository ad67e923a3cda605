import { expect, it } from "vitest";
import { expectReadWithin, readCases } from "../../support/hostile/slowInputs.ts";

/** What once took time that grew with the square of its size, or ended with no sentence. */
const mended: Readonly<Record<string, readonly string[]>> = {
  "manifest with data": ["many literal keys"],
  kubeconfig: ["many aliases of one anchor", "lists on the line of their key"],
  ClusterConfig: ["merge keys of one map", "many keys", "unknown templates"],
  review: ["one role many times", "one user in many spellings", "one account many times", "many separators in a name"],
  import: ["one role many times", "one role with many names", "unknown templates"],
  migrate: [
    ...["one role many times", "one user in many spellings", "many groups similar to system:masters"],
    ...["many reserved prefixes", "many separators in a name", "different unknown templates"],
  ],
  lint: ["an account, and many keys"],
  add: ["spaces between items in brackets", "spaces after a comment in brackets"],
  record: ["claims of one entry"],
};

const rows = Object.entries(mended).flatMap(([reader, shapes]) => shapes.map((shape) => [reader, shape] as const));
it.each(rows)("%s reads %s in time", async (reader, shape) => {
  const found = readCases.filter(([name, kind]) => name === reader && kind === shape);
  expect(found).toHaveLength(1);
  for (const cell of found) {
    await expectReadWithin(cell, 256 * 1024, 5_000);
  }
});
