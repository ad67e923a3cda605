import { it } from "vitest";
import { cells, expectReadInTime } from "../support/hostile/patience.ts";

/** A busy machine takes a second or two for most of them, and some more where a reader parses all of it several times. */
const patience = 15_000;

it.each(cells)("%s reads 1 MiB of %s in time", async (...cell) => {
  await expectReadInTime(cell, 1024 * 1024, patience);
});
