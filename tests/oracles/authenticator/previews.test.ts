import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { Oracle } from "../../support/authenticator/oracle.ts";
import { isSame } from "../../support/lifecycle/eksModel.ts";
import { stories } from "../../support/lifecycle/stories.ts";
import type { MapLogin } from "../../support/lifecycle/story.ts";
import { cases } from "../../support/nightly.ts";

it("maps each identity of a preview without warnings to the declared username and groups", async () => {
  const logins = new Map<string, MapLogin>();
  const property = fc.asyncProperty(stories, async (play) => {
    for (const login of (await play()).logins) {
      logins.set(JSON.stringify(login), login);
    }
  });
  await fc.assert(property, { numRuns: cases(1_000, 10_000), includeErrorInReport: true });
  const oracle = await Oracle.start();
  onTestFinished(() => oracle.stop());
  const judged = [...logins.values()].map(async ({ data, arn, ignored, ...content }) => {
    const caller = arn.replace(/iam(::\d+):role\/(.*)/, "sts$1:assumed-role/$2/session");
    const { identities } = await oracle.ask(data, [caller]);
    const outcomes = identities.flatMap((identity) => identity.outcomes);
    const isIn = outcomes.length > 0 && outcomes.every((user) => isSame(user, content, ignored));
    return isIn ? [] : { data, arn, content, outcomes };
  });
  expect((await Promise.all(judged)).flat()).toEqual([]);
  expect(judged.length).toBeGreaterThan(cases(50, 200));
}, 900_000);
