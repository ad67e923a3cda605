import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stories } from "../support/lifecycle/stories.ts";
import { Story } from "../support/lifecycle/story.ts";
import { cases } from "../support/nightly.ts";

// The stories of a night take minutes, and longer beside other suites.
it("reports in every preview, refresh and up what EKS does, and changes no entries of others", {
  timeout: 900_000,
}, async () => {
  const tally = { map: 0, entry: 0 };
  const numRuns = cases(2_000, 50_000);
  const property = fc.asyncProperty(stories, async (play) => {
    const story = await play();
    tally.map += story.tally.map;
    tally.entry += story.tally.entry;
  });
  await fc.assert(property, { numRuns, includeErrorInReport: true });
  expect(Math.min(tally.map, tally.entry)).toBeGreaterThan(numRuns / 2);
});

/** Stories step by step: behind a colon, a part of what the step prints, and at the end what is left. */
const rows: Readonly<Record<string, readonly string[]>> = {
  "destroys its own entry before the one that eksctl appended, in both places": [
    "A up dev/both",
    "append roles ops",
    "A preview: same",
    "A destroy: still has 1 entry in aws-auth",
    "= map ops; entry; claims 0",
  ],
  "warns of an entry in aws-auth that an access entry overrides": [
    "A up dev/API",
    "append roles ops",
    "A preview: its access entry takes precedence",
    "A up",
    "A preview: same",
    "A destroy",
    "= map ops; entry; claims 0",
  ],
  "creates the access entry of a recreated role again, with changed content": [
    "A up dev/API",
    "role",
    "A preview ops/API: grants no access",
    "A up ops/API",
    "A preview: same",
    "= map; entry ops; claims 1",
  ],
  "creates the access entry of a recreated role again in a replacement": [
    "A up dev/API",
    "role",
    "A up --replace",
    "A preview: same",
    "= map; entry dev; claims 1",
  ],
  "leaves no place for a dead access entry": [
    "A up dev/both",
    "role",
    "A preview dev/API: was recreated after its access entry",
    "A up dev/both",
    "A up dev/API",
    "= map; entry dev; claims 1",
  ],
  "warns of the dead access entry of others in each preview, and leaves it": [
    "entry ops",
    "role",
    "A up dev: grants no access",
    "A preview: grants no access",
    "A destroy",
    "= map; entry ops; claims 0",
  ],
  "refuses to delete access policies of others with a dead access entry, and adopts it": [
    "A up dev/API",
    "policy",
    "A preview: AmazonEKSViewPolicy",
    "role",
    "A preview: would also remove access policies that this mapping did not associate",
    "A up dev/API+adopt",
    "A preview: same",
    "= map; entry dev; claims 1",
  ],
  "warns in each preview of a role that was deleted, and can be destroyed": [
    "A up dev/API",
    "noRole",
    "A preview: grants no access",
    "A up: grants no access",
    "A preview: grants no access",
    "A destroy",
    "= map; entry; claims 0",
  ],
  "counts an access entry as alive if IAM refuses": [
    "A up dev/both",
    "iam",
    "A refresh: it is unknown whether roles and users exist",
    "A up dev/API: it is unknown whether roles and users exist, and whether their access entries still grant access",
    "A preview: same",
    "= map; entry dev; claims 1",
  ],
  "refuses in a refresh too what the mode of the cluster makes ineffective": [
    "A up dev",
    "mode",
    "A refresh: authenticationMode CONFIG_MAP is not supported",
    "A preview: authenticationMode CONFIG_MAP is not supported",
  ],
  "destroys what a killed up wrote after a rename": [
    "A up dev",
    "A rename alias",
    "A up ops killAfter 4",
    "= map ops; entry; claims 1",
    'A destroy: run "pulumi refresh"',
    "A refresh: changed",
    "A destroy",
    "= map; entry; claims 0",
  ],
  "leaves nothing if a shared entry is removed, and one stack forgets it": [
    "A up dev",
    "B up dev",
    "remove roles",
    "A refresh: changed",
    "A destroy",
    "B up",
    "B destroy",
    "= map; entry; claims 0",
  ],
  "declares in a second stack what was appended": ["A up dev", "B up dev", "append roles ops", "B up ops: 2 entries"],
  "destroys its own edited entry, not the one that was appended": [
    "A up dev",
    "edit roles ops",
    "append roles admin",
    "A refresh",
    "A destroy: remove all but one",
  ],
  "stores a mapping in access entries too, beside an entry and an access entry of others": [
    "A up dev",
    "append roles ops",
    "entry ops",
    "A preview: an access entry takes precedence",
    "A up dev/both+adopt",
    "A preview: same",
    "= map dev; entry dev; claims 2",
  ],
  "does not compare an account with the entries of its identities": [
    "entry ops",
    "append users ops",
    "A up dev/both+adopt+account",
    "A preview: same same",
  ],
};

describe("the story", () => {
  it.each(Object.entries(rows))("%s", async (_title, steps) => {
    const story = new Story();
    for (const step of steps) {
      const [command = "", expected = ""] = step.split(/: (.*)/);
      if (step.startsWith("= ")) {
        expect(story.left).toBe(step.slice(2));
      } else {
        expect(await story.play(command)).toContain(expected);
      }
    }
  });
});
