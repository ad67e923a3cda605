import { beforeEach, describe, expect, it, vi } from "vitest";
import { account, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { create, type Given, preview, startRun } from "./entryStack.ts";

const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;

describe.each([
  ["a user", "user/people/ann", "user/people/Ann"],
  ["a role with a path", "role/eng/ops", "role/Eng/OPS"],
])("an access entry of %s whom the program has in another letter case", (_title, resource, respelt) => {
  const arn = iam(resource);
  const given: Given = { name: "x", arn: iam(respelt), groups: ["viewers"] };

  async function world() {
    const all = await entriesWorld("API");
    all.aws.principals.create(arn);
    all.clock.behind -= 5_000;
    return all;
  }

  beforeEach(() => {
    vi.spyOn(console, "error").mockReturnValue();
    return () => vi.restoreAllMocks();
  });

  it("is found, claimed and known from then on", async () => {
    const { aws, clock } = await world();
    aws.addServiceEntry("prod", arn, { type: "STANDARD", username: "x-user", groups: ["viewers"] });
    const stored = await create(given);
    expect(Object.keys(aws.entry("prod", arn)?.tags ?? {})).toEqual([expect.stringMatching("^pulumi-aws-auth/found/")]);
    expect(await preview(await startRun(), given, stored)).toMatchObject({ failures: [], changes: false });
    clock.behind -= 5_000;
    aws.principals.recreate(arn);
    expect((await preview(await startRun(), given, stored)).failures).toMatchObject([
      { reason: expect.stringContaining("dead") },
    ]);
  });

  it("is changed and deleted", async () => {
    const { aws } = await world();
    const stored = await create({ ...given, arn });
    const provider = await startRun();
    const next = { ...given, groups: ["editors"] };
    const { inputs, changes } = await preview(provider, next, stored, false);
    expect(changes).toBe(true);
    const { outs = {} } = await provider.update(stored.id, stored.outs, inputs);
    expect(aws.entries("prod")).toMatchObject([{ principalArn: arn, kubernetesGroups: ["editors"] }]);
    const after = { id: stored.id, outs };
    expect(await preview(await startRun(), next, after)).toMatchObject({ failures: [], changes: false });
    await (await startRun()).delete(after.id, after.outs);
    expect(aws.entries("prod")).toEqual([]);
  });
});
