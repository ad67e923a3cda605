import { expect, it } from "vitest";
import { cells, expectReadInTime } from "../../support/hostile/patience.ts";

/** What took time that grew with the square of its size, or ended with no sentence. */
const mended = [
  ["manifest with data", "many literal keys"],
  ["kubeconfig", "many aliases of one anchor"],
  ["ClusterConfig", "merge keys of one map"],
  ["kubeconfig", "lists in the line of their key"],
  ["ClusterConfig", "many keys"],
  ["ClusterConfig", "unknown templates"],
  ["review", "one role many times"],
  ["review", "one user in many spellings"],
  ["review", "many permission sets, and their roles"],
  ["review", "many accounts"],
  ["review", "one account many times"],
  ["who-can", "administrators"],
  ["import", "one role many times"],
  ["import", "one role with many names"],
  ["import", "many roles"],
  ["import", "unknown templates"],
  ["explain", "one user in many spellings"],
  ["migrate", "one role many times"],
  ["migrate", "one user in many spellings"],
  ["migrate", "many groups almost of Kubernetes"],
  ["migrate", "many reserved prefixes"],
  ["migrate", "many separators in a name"],
  ["review", "many separators in a name"],
  ["migrate", "different unknown templates"],
  ["lint", "an account, and many keys"],
  ["add", "blanks between items in brackets"],
  ["add", "blanks before a comment in brackets"],
  ["change", "many groups"],
  ["record", "claims of one entry"],
  ["record of many", "claims of many entries"],
] as const;

it.each(mended)("%s reads %s in time", async (reader, shape) => {
  const cell = cells.find(([name, kind]) => name === reader && kind === shape);
  expect(cell).toBeDefined();
  if (cell !== undefined) {
    await expectReadInTime(cell, 256 * 1024, 5_000);
  }
});
