import { it } from "vitest";
import { cells, expectReadInTime } from "../support/hostile/patience.ts";

it.each(cells)("%s reads 1 MiB of %s in time", async (...cell) => {
  await expectReadInTime(cell, 1024 * 1024);
});
