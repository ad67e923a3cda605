import fc from "fast-check";
import { it } from "vitest";
import { stories } from "./model/events.ts";
import { play } from "./model/stories.ts";

it("keeps its promises in random stories of two stacks", () => {
  fc.assert(fc.property(stories, play), { numRuns: 2_000, includeErrorInReport: true });
});
