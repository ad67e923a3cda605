import { it } from "vitest";
import { expectReadWithin, readCases } from "../../support/hostile/slowInputs.ts";

/** A busy machine takes a second or two for most of them, and some more where a reader parses all of it several times. */
const patience = 15_000;

/** Every n-th cell, so that each shape and each reader have some; 1: all of them, which takes an hour. */
const step = Number(process.env["HOSTILE_STEP"] ?? 31);

it.each(readCases.filter((_, index) => index % step === 0))("%s reads 1 MiB of %s in time", async (...cell) => {
  await expectReadWithin(cell, 1024 * 1024, patience);
});
