import { describe, expect, it } from "vitest";
import { describeAccessEntryDrift, type LiveAccessEntry } from "../../../provider/accessEntries/index.ts";
import { adminPolicy, arn, live, says, user } from "./support.ts";

const pathed = arn.replace("role/", "role/eng/");
const previous = says();
const changed = { username: "hacked" };
const node = { type: "EC2_LINUX", username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] } as const;

describe("drift is told by property", () => {
  const drift = (entry: Partial<LiveAccessEntry> | undefined, ...ignored: readonly string[]) =>
    describeAccessEntryDrift(previous, entry && live(entry), ignored, undefined);
  it.each<[Partial<LiveAccessEntry> | undefined, object]>([
    [{}, {}],
    [undefined, { accessEntry: "removed outside Pulumi" }],
    [
      { ...changed, groups: ["admins", "x"], policies: [adminPolicy] },
      {
        username: "changed outside Pulumi: dev => hacked",
        groups: "changed outside Pulumi: [viewers] => [admins, x]",
        policies: "changed outside Pulumi: [] => [AmazonEKSClusterAdminPolicy (cluster)]",
      },
    ],
    [node, { type: "changed outside Pulumi: STANDARD => EC2_LINUX" }],
    [{ principalArn: pathed }, { principalArn: `changed outside Pulumi: ${arn} => ${pathed}` }],
  ])("%j", (entry, expected) => {
    expect(drift(entry)).toEqual(expected);
  });

  it("but for what the program ignores", () => {
    expect(drift({ ...changed, groups: [] }, "username")).toEqual({
      groups: "changed outside Pulumi: [viewers] => []",
    });
    expect(drift({ groups: [], policies: [adminPolicy] }, "groups")).toEqual({});
  });

  it.each([
    ["role", arn],
    ["user", user],
  ])("and of a %s that was made again", (kind, principalArn) => {
    const entry = live({ principalArn });
    expect(describeAccessEntryDrift(says({ principalArn }), entry, [], new Date("2026-03-01T00:00:00Z"))).toEqual({
      accessEntry: `dead, since the ${kind} was deleted and made again after it, so that it lets nobody in`,
    });
    expect(describeAccessEntryDrift(says({ principalArn }), entry, [], entry.createdAt)).toEqual({});
  });
});
