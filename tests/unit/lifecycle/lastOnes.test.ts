import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AuthenticationMode } from "../../support/eks/state.ts";
import { unfolded } from "../../support/unfolded.ts";
import { account, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { create, type Given, type Provider, type Stored, startRun } from "./entryStack.ts";

const arnOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const adminOf = (name: string): Given => ({ name, arn: arnOf(name), groups: ["system:masters"] });
const nodesOf = (name: string): Given => ({
  name,
  arn: arnOf(name),
  groups: ["system:bootstrappers", "system:nodes"],
  username: "system:node:{{EC2PrivateDNSName}}",
});
const strict = { "aws-auth:lockoutProtection": "error" };

/** A cluster with mappings that this package has made, each kept where it says. */
async function made(...kept: readonly (readonly [Given, AuthenticationMode])[]) {
  const world = await entriesWorld("API_AND_CONFIG_MAP");
  for (const [{ arn }] of kept) {
    world.aws.principals.create(arn);
  }
  world.clock.behind -= 30_000;
  const stored: Stored[] = [];
  for (const [given, mode] of kept) {
    stored.push(await create(given, mode));
  }
  const left = () => [
    ...(world.kubernetes.data?.["mapRoles"]?.match(/role\/\w+/g) ?? []),
    ...world.aws.entries("prod").map(({ principalArn }) => `entry ${principalArn.replace(/.*\//, "")}`),
  ];
  return { ...world, stored, left };
}

const remove = async (run: Provider, stored: Stored | undefined) => run.delete(stored?.id ?? "", { ...stored?.outs });

describe("the last ones that have access to a cluster with access entries", () => {
  let told: string[] = [];
  beforeEach(() => {
    told = [];
    vi.spyOn(console, "error").mockImplementation((text) => void told.push(unfolded(String(text))));
    return () => vi.restoreAllMocks();
  });

  it("do not go without a warning where they are kept in both places", async () => {
    const { stored, left } = await made([adminOf("admin"), "API_AND_CONFIG_MAP"]);
    told = [];
    await remove(await startRun("API_AND_CONFIG_MAP"), stored[0]);
    expect(left()).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^warning: .*role\/admin" has the only mapping to system:masters/)]);
  });

  it.each([
    ["an administrator in each place", [adminOf("a"), "CONFIG_MAP"], [adminOf("b"), "API"]],
    ["nodes in access entries", [nodesOf("a"), "API"], [nodesOf("b"), "API"]],
  ] as const)("do not go side by side in one run, where they are %s", async (_title, one, other) => {
    const { stored, left } = await made(one, other);
    const run = await startRun("API", strict);
    const results = await Promise.allSettled(stored.map((one) => remove(run, one)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(left()).toHaveLength(1);
  });
});
