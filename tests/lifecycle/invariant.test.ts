import fc from "fast-check";
import { it } from "../support/lifecycle/fixture.ts";
import { stories } from "../support/lifecycle/stories.ts";
import { cases } from "../support/nightly.ts";

it("promises in no preview and no up what EKS does not do, and changes nothing of others", async () => {
  const tally = { map: 0, entry: 0 };
  await fc.assert(
    fc.asyncProperty(stories, async (play) => {
      const story = await play();
      tally.map += story.tally.map;
      tally.entry += story.tally.entry;
    }),
    { numRuns: Number(process.env["N"] ?? cases(2_000, 50_000)), includeErrorInReport: true },
  );
  console.log(JSON.stringify(tally));
});
