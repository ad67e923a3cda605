import { describe, expect, it, test } from "vitest";
import {
  type AccessEntryRemoval,
  type AccessEntryRemovalIntent,
  type LiveAccessEntry,
  planAccessEntryRemoval,
} from "../../../provider/accessEntries/index.ts";
import { adminPolicy, live, says } from "./support.ts";

const label = "organization/infra/prod dev";
const mine = { "pulumi-aws-auth/claims/aaaabbbb2mine": label };
const mineFound = { "pulumi-aws-auth/found/aaaabbbb2mine": label };
const theirs = { "pulumi-aws-auth/claims/theirs": "organization/apps/prod dev" };
const successor = { "pulumi-aws-auth/claims/aaaabbbb3next": label };
const earlier = { "pulumi-aws-auth/claims/aaaabbbb1past": label };
const sibling = { "pulumi-aws-auth/claims/aaaacccc1kins": "organization/infra/prod other" };

function removal(
  entry: Partial<LiveAccessEntry> | undefined,
  given: Partial<AccessEntryRemovalIntent> = {},
): AccessEntryRemoval {
  return planAccessEntryRemoval(entry && live(entry), {
    previous: says(),
    ignored: [],
    claimant: { id: "aaaabbbb2mine" },
    isMade: true,
    declared: [],
    ...given,
  });
}

const changed = { username: "hacked" };
const unknown = { claimant: { id: undefined }, isMade: false };

describe("a delete", () => {
  test.each<[string, Partial<LiveAccessEntry> | undefined, Partial<AccessEntryRemovalIntent>, object]>([
    ["is done where the entry is gone", undefined, {}, { kind: "gone" }],
    ["deletes what the resource made", { tags: mine }, {}, { kind: "remove" }],
    ["deletes it beside foreign tags", { tags: { ...mine, Name: "x" } }, {}, { kind: "remove" }],
    ["deletes what only the state claims", {}, {}, { kind: "remove" }],
    [
      "leaves what nobody claims, and the state does not either",
      {},
      { isMade: false },
      { kind: "leave", because: "unclaimed" },
    ],
    ["leaves what it found", { tags: mineFound }, {}, { kind: "leave", because: "found" }],
    [
      "leaves what it found and somebody changed",
      { ...changed, tags: mineFound },
      {},
      { kind: "leave", because: "found" },
    ],
    [
      "leaves what it both found and made",
      { tags: { ...mine, ...mineFound } },
      {},
      { kind: "leave", because: "found" },
    ],
    ["keeps what others want", { tags: { ...mine, ...theirs } }, {}, { kind: "keep", wantedBy: [{ id: "theirs" }] }],
    ["keeps what others took over", { ...changed, tags: theirs }, {}, { kind: "keep", wantedBy: [{ id: "theirs" }] }],
    [
      "keeps what another resource of the run declares",
      { tags: mine },
      { declared: [says()] },
      { kind: "keep", wantedBy: [] },
    ],
    [
      "deletes what another resource of the run declares otherwise",
      { tags: mine },
      { declared: [says({ groups: [] })] },
      { kind: "remove" },
    ],
    ["touches nothing of a successor", { tags: successor }, {}, { kind: "inherited" }],
    [
      "keeps what a successor wants beside it",
      { tags: { ...mine, ...successor } },
      {},
      { kind: "keep", wantedBy: [{ id: "aaaabbbb3next" }] },
    ],
    ["takes the claims of interrupted runs with it", { tags: { ...mine, ...earlier } }, {}, { kind: "remove" }],
    ["keeps what its program wants", { tags: { ...mine, ...sibling } }, {}, { kind: "keep" }],
    ["is refused where somebody changed the entry", { ...changed, tags: mine }, {}, { kind: "changed" }],
    ["is refused where somebody put another in its place", { type: "EC2_LINUX" }, {}, { kind: "changed" }],
    ["is refused where somebody added a policy", { tags: mine, policies: [adminPolicy] }, {}, { kind: "changed" }],
    ["ignores what the program ignores", { ...changed, tags: mine }, { ignored: ["username"] }, { kind: "remove" }],
    [
      "without an ID in the state knows no claim",
      { tags: mine },
      unknown,
      { kind: "keep", wantedBy: [{ id: "aaaabbbb2mine" }] },
    ],
  ])("%s", (_, entry, given, expected) => {
    expect(removal(entry, given)).toMatchObject(expected);
  });

  it("goes with the last claim, in whatever order", () => {
    const both = { ...mine, ...theirs };
    for (const [first, last] of [
      [mine, theirs],
      [theirs, mine],
    ] as const) {
      const idOf = (tags: object) => Object.keys(tags)[0]?.split("/").at(-1);
      const by = (tags: object) => ({ claimant: { id: idOf(tags) } });
      expect(removal({ tags: both }, by(first))).toMatchObject({
        kind: "keep",
        standing: { own: [{ id: idOf(first) }] },
      });
      expect(removal({ tags: { ...last } }, by(last))).toMatchObject({ kind: "remove" });
    }
  });
});
