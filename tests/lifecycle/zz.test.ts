import fc from "fast-check";
import { it } from "vitest";
import { play, stories } from "./model/stories.ts";
it("x", () => {
  const r = fc.check(fc.property(stories, play), { numRuns: Number(process.env.RUNS ?? 2000) });
  console.log(r.failed, r.numRuns, String((r as {errorInstance?: unknown}).errorInstance));
});
