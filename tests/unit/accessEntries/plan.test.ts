import { describe, expect, it, test } from "vitest";
import {
  type AccessEntryContent,
  type AccessEntryIntent,
  type AccessEntryPlan,
  changeOf,
  type LiveAccessEntry,
  planAccessEntry,
} from "../../../provider/accessEntries/index.ts";
import { adminPolicy, arn, live, says, viewPolicy } from "./support.ts";

const pathed = arn.replace("role/", "role/eng/");
const label = "organization/infra/prod dev";
const stem = "aaaabbbb";
const mine = { [`pulumi-aws-auth/claims/${stem}2mine`]: label };
const mineFound = { [`pulumi-aws-auth/found/${stem}2mine`]: label };
const theirs = { "pulumi-aws-auth/claims/theirs": "organization/apps/prod dev" };
const theirsFound = { "pulumi-aws-auth/found/theirs": "organization/apps/prod dev" };
const earlier = { [`pulumi-aws-auth/claims/${stem}1past`]: label };
const sibling = { "pulumi-aws-auth/claims/aaaacccc1kins": "organization/infra/prod other" };

function intent(given: Partial<AccessEntryIntent> = {}): AccessEntryIntent {
  return {
    desired: says(),
    previous: undefined,
    adopt: false,
    ignored: [],
    claimant: { id: `${stem}2mine` },
    declared: [],
    isMade: false,
    principalCreatedAt: undefined,
    ...given,
  };
}

function plan(entry: Partial<LiveAccessEntry> | undefined, given: Partial<AccessEntryIntent> = {}): AccessEntryPlan {
  return planAccessEntry(entry && live(entry), intent(given));
}

/** A plan in short: its kind, the IDs of the claims that it replaces and ends, and what its own claim says. */
function inShort(of: AccessEntryPlan): string {
  const ids = (claims: readonly { readonly id: string | undefined }[]) =>
    claims.map(({ id }) => id?.replace(/^.{8}\d/, "")).join();
  switch (of.kind) {
    case "create":
      return "create";
    case "conflict":
      return `conflict${of.canAdopt ? "" : " for good"} ${ids(of.standing.others)}`.trim();
    case "held":
      return `held ${ids(of.heldBy)}`;
    case "takenOver":
      return `takenOver ${ids(of.takenOverBy)}`;
    default:
      return `${of.kind} replaces [${ids(of.replaced)}] ends [${ids(of.displaced)}] ${of.isFound ? "found" : "made"}`;
  }
}

const changed = { username: "hacked" };
const node = { type: "EC2_LINUX", username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] } as const;
const previous = says();
const born = new Date("2026-03-01T00:00:00Z");

describe("a new resource", () => {
  test.each<[string, Partial<LiveAccessEntry> | undefined, Partial<AccessEntryIntent>, string]>([
    ["makes the entry", undefined, {}, "create"],
    ["finds an equal one of nobody's", {}, {}, "inSync replaces [] ends [] found"],
    ["shares an equal one that others made", { tags: theirs }, {}, "inSync replaces [] ends [] made"],
    ["shares an equal one that others found", { tags: theirsFound }, {}, "inSync replaces [] ends [] found"],
    ["adopts an equal one as it is", { tags: theirs }, { adopt: true }, "inSync replaces [] ends [] made"],
    ["leaves the claim of an interrupted run", { tags: earlier }, {}, "inSync replaces [] ends [] made"],
    ["shares one of its program", { tags: sibling }, {}, "inSync replaces [] ends [] made"],
    ["changes one of its program", { ...changed, tags: sibling }, {}, "update replaces [] ends [] made"],
    ["is in conflict with another one of nobody's", changed, {}, "conflict"],
    ["is in conflict with another one of others", { ...changed, tags: theirs }, {}, "conflict theirs"],
    ["changes another one of an interrupted run", { ...changed, tags: earlier }, {}, "update replaces [] ends [] made"],
    ["adopts another one of nobody's", changed, { adopt: true }, "update replaces [] ends [] made"],
    [
      "adopts another one of others, and ends their claims",
      { ...changed, tags: { ...theirs, ...theirsFound } },
      { adopt: true },
      "update replaces [theirs,theirs] ends [theirs,theirs] made",
    ],
    ["is in conflict with one that lacks a policy", {}, { desired: says({ policies: [adminPolicy] }) }, "conflict"],
    [
      "finishes one of a killed run, which lacks a policy",
      { tags: earlier },
      { desired: says({ policies: [adminPolicy] }) },
      "update replaces [past] ends [] made",
    ],
    [
      "finishes one of its own, after a call with an unknown outcome",
      { ...changed, tags: mine },
      {},
      "update replaces [mine] ends [] made",
    ],
    [
      "finishes none that others share",
      { tags: { ...earlier, ...theirs } },
      { desired: says({ policies: [adminPolicy] }) },
      "held theirs",
    ],
    [
      "knows an ID, and no label",
      { ...changed, tags: { "pulumi-aws-auth/claims/zzzzbbbb1past": label } },
      {},
      "conflict past",
    ],
    ["never deletes one of EKS, not even to adopt it", node, { adopt: true }, "conflict for good"],
    [
      "never deletes one that others found",
      { ...node, tags: theirsFound },
      { adopt: true },
      "conflict for good theirs",
    ],
    [
      "makes one anew that others made",
      { ...node, tags: theirs },
      { adopt: true },
      "recreate replaces [theirs] ends [theirs] made",
    ],
    ["is in conflict with a dead one", {}, { principalCreatedAt: born }, "conflict for good"],
    [
      "makes a dead one of others anew, who keep it if they want the same",
      { tags: theirs },
      { principalCreatedAt: born, adopt: true },
      "recreate replaces [] ends [] made",
    ],
    [
      "makes a dead one of others anew, from whom it takes it if they want something else",
      { ...changed, tags: theirs },
      { principalCreatedAt: born, adopt: true },
      "recreate replaces [theirs] ends [theirs] made",
    ],
    [
      "makes a dead one of an interrupted run anew",
      { tags: earlier },
      { principalCreatedAt: born, desired: says({ policies: [adminPolicy] }) },
      "recreate replaces [past] ends [] made",
    ],
    [
      "owns what others found and it adopts",
      { ...changed, tags: theirsFound },
      { adopt: true },
      "update replaces [theirs] ends [theirs] made",
    ],
    ["obeys no ignoreChanges", changed, { ignored: ["username"] }, "conflict"],
  ])("%s", (_, entry, given, expected) => {
    expect(inShort(plan(entry, given))).toBe(expected);
  });
});

describe("a resource that has the entry", () => {
  const other = says({ groups: ["ops"] });
  test.each<[string, Partial<LiveAccessEntry> | undefined, Partial<AccessEntryIntent>, string]>([
    ["leaves it", { tags: mine }, {}, "inSync replaces [mine] ends [] made"],
    ["leaves one that it found", { tags: mineFound }, {}, "inSync replaces [mine] ends [] found"],
    ["makes it again", undefined, {}, "create"],
    ["changes it", { tags: mine }, { desired: other }, "update replaces [mine] ends [] made"],
    ["asks before it changes one that it found", { tags: mineFound }, { desired: other }, "conflict"],
    [
      "owns one that it found and adopts",
      { tags: mineFound },
      { desired: other, adopt: true },
      "update replaces [mine] ends [] made",
    ],
    ["mends one that it found", { ...changed, tags: mineFound }, {}, "update replaces [mine] ends [] found"],
    ["mends it after a change by hand", { ...changed, tags: mine }, {}, "update replaces [mine] ends [] made"],
    ["shares it as it is", { tags: { ...mine, ...theirs } }, {}, "inSync replaces [mine] ends [] made"],
    ["may not change what others share", { tags: { ...mine, ...theirs } }, { desired: other }, "held theirs"],
    [
      "takes what others share, if it adopts",
      { tags: { ...mine, ...theirs } },
      { desired: other, adopt: true },
      "update replaces [mine,theirs] ends [theirs] made",
    ],
    ["has lost it to others", { ...changed, tags: theirs }, {}, "takenOver theirs"],
    ["does not take it back by adoption", { ...changed, tags: theirs }, { adopt: true }, "takenOver theirs"],
    ["has lost its claim, but not the entry", { tags: theirs }, {}, "inSync replaces [] ends [] made"],
    ["claims again what it made", {}, { isMade: true }, "inSync replaces [] ends [] made"],
    ["finds what nobody claims, if it did not make it", {}, {}, "inSync replaces [] ends [] found"],
    ["mends one that nobody claims", changed, { isMade: true }, "update replaces [] ends [] made"],
    ["mends one that nobody claims, as one that it found", changed, {}, "update replaces [] ends [] found"],
    [
      "makes another type anew",
      { tags: mine },
      { desired: says({ ...node, username: undefined, groups: [] }) },
      "recreate replaces [mine] ends [] made",
    ],
    [
      "makes another path anew",
      { tags: mine },
      { desired: says({ principalArn: pathed }) },
      "recreate replaces [mine] ends [] made",
    ],
    ["makes a dead one anew", { tags: mine }, { principalCreatedAt: born }, "recreate replaces [mine] ends [] made"],
    [
      "makes a dead one anew that others share, who keep it",
      { tags: { ...mine, ...theirs } },
      { principalCreatedAt: born },
      "recreate replaces [mine] ends [] made",
    ],
    [
      "may not change a dead one that others share",
      { tags: { ...mine, ...theirs } },
      { principalCreatedAt: born, desired: other },
      "held theirs",
    ],
    [
      "makes a dead one anew for which it has lost its claim",
      { tags: theirs },
      { principalCreatedAt: born },
      "recreate replaces [] ends [] made",
    ],
    ["has lost a dead one to others", { ...changed, tags: theirs }, { principalCreatedAt: born }, "takenOver theirs"],
    ["never deletes a dead one that it found", { tags: mineFound }, { principalCreatedAt: born }, "conflict for good"],
    [
      "makes a dead one anew that it changes, in one step",
      { ...changed, tags: mine },
      { principalCreatedAt: born, desired: other },
      "recreate replaces [mine] ends [] made",
    ],
    [
      "is not dead beside an older role",
      { tags: mine },
      { principalCreatedAt: new Date(0) },
      "inSync replaces [mine] ends [] made",
    ],
    ["never deletes what it found", { ...node, tags: mineFound }, {}, "conflict for good"],
    ["never deletes what somebody put in the place of its own", node, { isMade: true }, "conflict for good"],
    [
      "makes its own anew, if only its state claims that",
      {},
      { isMade: true, desired: says({ principalArn: pathed }) },
      "recreate replaces [] ends [] made",
    ],
    [
      "has made what it makes anew, even if it had found it",
      { ...node, tags: { ...mineFound, ...theirs } },
      { adopt: true },
      "recreate replaces [mine,theirs] ends [theirs] made",
    ],
    ["may not make anew what others share", { ...node, tags: { ...mine, ...theirs } }, {}, "held theirs"],
    [
      "leaves an ignored username",
      { ...changed, tags: mine },
      { ignored: ["username"] },
      "inSync replaces [mine] ends [] made",
    ],
    [
      "leaves ignored groups, and the policies that stand for some",
      { groups: ["x"], policies: [adminPolicy], tags: mine },
      { ignored: ["groups"] },
      "inSync replaces [mine] ends [] made",
    ],
    [
      "changes the rest",
      { ...changed, groups: ["x"], tags: mine },
      { ignored: ["groups"] },
      "update replaces [mine] ends [] made",
    ],
    ["takes no earlier claim", { tags: { ...mine, ...earlier } }, {}, "inSync replaces [mine] ends [] made"],
    [
      "writes what the program says where it ignores a part alone",
      { tags: mine },
      { ignored: ["groups"], desired: other },
      "update replaces [mine] ends [] made",
    ],
  ])("%s", (_, entry, given, expected) => {
    expect(inShort(plan(entry, { previous, ...given }))).toBe(expected);
  });
});

describe("an update", () => {
  const change = (entry: Partial<LiveAccessEntry>, desired: Partial<AccessEntryContent>) => {
    const result = plan({ ...entry, tags: mine }, { previous, desired: says(desired) });
    return result.kind === "update" ? changeOf(result.live, result.wanted) : result.kind;
  };
  const nothing = { associate: [], user: undefined, disassociate: [] };

  it.each<[string, Partial<AccessEntryContent>, object]>([
    ["of the username names the groups too", { username: "ops" }, { user: { username: "ops", groups: ["viewers"] } }],
    ["of the groups names the username too", { groups: [] }, { user: { username: "dev", groups: [] } }],
    [
      "to no username names the one that EKS gives",
      { username: undefined },
      { user: { username: "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}", groups: ["viewers"] } },
    ],
    ["of the policies leaves the user", { policies: [adminPolicy] }, { associate: [adminPolicy] }],
  ])("%s", (_, desired, expected) => {
    expect(change({}, desired)).toEqual({ ...nothing, ...expected });
  });

  it("associates what is missing or has another scope, and disassociates the rest", () => {
    expect(change({ policies: [adminPolicy, viewPolicy("a")] }, { policies: [viewPolicy("b")] })).toEqual({
      ...nothing,
      associate: [viewPolicy("b")],
      disassociate: [adminPolicy.policyArn],
    });
  });

  it("is none where only the order differs", () => {
    expect(change({ groups: ["b", "a"] }, { groups: ["a", "b"] })).toBe("inSync");
  });
});

test("what is ignored never comes into an entry of another type", () => {
  const desired = says({ type: "EC2_LINUX", username: undefined, groups: [] });
  const ignored = ["username", "groups"] as const;
  expect(plan({ tags: mine }, { previous, desired, ignored })).toMatchObject({ kind: "recreate", wanted: desired });
});

test("a conflict says whether the entry is dead", () => {
  expect(plan({ ...changed, groups: [] })).toMatchObject({ kind: "conflict", isDead: false });
  expect(plan({ tags: theirs }, { principalCreatedAt: born })).toMatchObject({ kind: "conflict", isDead: true });
});

test("who else shares an entry is told, without interrupted runs and resources of the program", () => {
  const tags = { ...mine, ...theirs, ...earlier, ...sibling };
  expect(plan({ tags }, { previous })).toMatchObject({ standing: { others: [{ id: "theirs" }] } });
});
