import { it } from "vitest";
import { cells, expectReadInTime } from "../support/hostile/patience.ts";

/** A busy machine takes a second or two for most of them, and minutes for a reader that looks at everything again and again. */
const patience = 10_000;

it.each(cells)("%s reads 1 MiB of %s in time", async (...cell) => {
  await expectReadInTime(cell, 1024 * 1024, patience);
});
