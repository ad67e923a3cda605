import { expect, it } from "vitest";
import { cells, expectReadInTime } from "../../support/hostile/readers.ts";

/** What once took time that grew with the square of its size, or ended with no sentence. */
const mended = [
  ["manifest with data", "many literal keys"],
  ["kubeconfig", "many aliases of one anchor"],
  ["ClusterConfig", "merge keys of one map"],
  ["kubeconfig", "lists in the line of their key"],
  ["ClusterConfig", "many keys"],
  ["ClusterConfig", "unknown templates"],
  ["review", "one role many times"],
  ["review", "one user in many spellings"],
  ["review", "one account many times"],
  ["import", "one role many times"],
  ["import", "one role with many names"],
  ["import", "unknown templates"],
  ["migrate", "one role many times"],
  ["migrate", "one user in many spellings"],
  ["migrate", "many groups almost of Kubernetes"],
  ["migrate", "many reserved prefixes"],
  ["migrate", "many separators in a name"],
  ["review", "many separators in a name"],
  ["migrate", "different unknown templates"],
  ["lint", "an account, and many keys"],
  ["add", "blanks between items in brackets"],
  ["add", "blanks behind a comment in brackets"],
  ["record", "claims of one entry"],
] as const;

it.each(mended)("%s reads %s in time", async (reader, shape) => {
  const cell = cells.find(([name, kind]) => name === reader && kind === shape);
  expect(cell).toBeDefined();
  if (cell !== undefined) {
    await expectReadInTime(cell, 256 * 1024, 5_000);
  }
});
