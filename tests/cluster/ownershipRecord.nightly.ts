import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FaultyStack } from "../faults/faultyStack.ts";
import { interrupt, recover } from "../faults/interruption.ts";
import { startCountingProxy } from "../support/cluster/countingProxy.ts";
import { deployerName } from "../support/cluster/deployer.ts";
import { claimOn, programOf, roleArn, roleEntry, roleOf, type Stacks, startStacks } from "../support/cluster/stacks.ts";
import { dynamicDoor, expectRemoval, pluginDoor } from "../support/doors/door.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { type Arrival, planOf } from "../support/proxy/fault.ts";

const node = roleEntry("node", "system:node", "system:nodes");
const viewers = ["viewers"];
const [ofInfra, ofApps] = [dynamicDoor.stackName("infra"), pluginDoor.stackName("apps")];
const unchanged = "--expect-no-changes";

describe("the record of claims of a dynamic resource and a resource plugin, after something happened to it outside of Pulumi", () => {
  let stacks: Stacks;
  let infra: TestProject;
  let apps: TestProject;

  beforeAll(async () => {
    stacks = await startStacks(node);
  });
  afterAll(() => stacks?.stop());
  beforeEach(async () => {
    await stacks.map.reset({ mapRoles: node });
    infra = await stacks.add("infra", dynamicDoor.options);
    apps = await stacks.add("apps", pluginDoor.options);
    await infra.program(
      programOf({ shared: roleOf("shared", ...viewers), own: roleOf("own", ...viewers) }, dynamicDoor),
    );
    await apps.program(programOf({ shared: roleOf("shared", ...viewers) }, pluginDoor));
  });

  const sharedByInfra = claimOn("shared", viewers, `${ofInfra} shared`);
  const sharedByApps = claimOn("shared", viewers, `${ofApps} shared`);
  const ownOfInfra = claimOn("own", viewers, `${ofInfra} own`);

  it("lost: each stack's next preview says so, and its up puts its own claims back", async () => {
    expect(await infra.up()).toMatchObject({ code: 0 });
    expect(await apps.up()).toMatchObject({ code: 0 });
    await stacks.setRecord(null);
    const preview = await infra.pulumi("preview");
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toContain(`arn "${roleArn("own")}" is no longer claimed by this resource`);
    expect(preview.output).toContain("~ 2 to update");
    const before = await stacks.map.data();
    expect(await infra.up()).toMatchObject({ code: 0 });
    expect(await stacks.claims()).toEqual([ownOfInfra, sharedByInfra]);
    const shared = await apps.up();
    expect(shared).toMatchObject({ code: 0 });
    expect(shared.output).toContain(`arn "${roleArn("shared")}" is shared with "${ofInfra} shared"`);
    expect(await stacks.claims()).toEqual([ownOfInfra, sharedByApps, sharedByInfra].toSorted());
    expect(await stacks.map.data()).toEqual(before);
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
  });

  it("rolled back to before a stack claimed: the entry goes with those who still claim, and comes back with the up of the other", async () => {
    expect(await infra.up()).toMatchObject({ code: 0 });
    const older = (await stacks.record()) ?? "";
    expect(await apps.up()).toMatchObject({ code: 0 });
    await stacks.setRecord(older);
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.roles()).toEqual(["node system:nodes"]);
    const preview = await apps.pulumi("preview");
    expect(preview).toMatchObject({ code: 0 });
    expectRemoval(pluginDoor, preview, `arn "${roleArn("shared")}"`);
    expect(await apps.up()).toMatchObject({ code: 0 });
    expect(await stacks.roles()).toEqual(["node system:nodes", "shared viewers"]);
    expect(await stacks.claims()).toEqual([sharedByApps]);
    // A record that names what is gone stands in nobody's way, and its lines stay somebody's.
    await stacks.setRecord(older);
    expect(await apps.destroy()).toMatchObject({
      code: 0,
      output: expect.stringContaining(`stays: "${ofInfra} shared" wants it`),
    });
    expect(await stacks.roles()).toEqual(["node system:nodes", "shared viewers"]);
    expect(await stacks.record()).toBe(older);
  });

  it("broken: what is not understood stays, and counts as somebody's claim where it begins with a principal", async () => {
    expect(await infra.up()).toMatchObject({ code: 0 });
    const broken = [
      "# the platform team was here",
      "",
      "111122223333:role/shared ~~~ torn",
      "\u0001 {]",
      (await stacks.record()) ?? "",
    ];
    await stacks.setRecord(broken.join("\n"));
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    const destroy = await infra.destroy();
    expect(destroy).toMatchObject({ code: 0 });
    expect(destroy.output).toContain(
      `the entry for arn "${roleArn("shared")}" stays: "111122223333:role/shared ~~~ torn" wants it`,
    );
    expect(await stacks.roles()).toEqual(["node system:nodes", "shared viewers"]);
    expect(await stacks.record()).toBe(broken.slice(0, -1).join("\n"));
  });

  it("too large: entries are written unclaimed, with one warning, and the next preview is clean", async () => {
    const full = Array.from({ length: 2_600 }, (_, n) => claimOn(`r${n}`, [], "elsewhere").replace(" e", ` ${n} e`));
    const text = full
      .toSorted()
      .join("\n")
      .padEnd(128 * 1024, "x");
    await stacks.setRecord(text);
    const up = await infra.up();
    expect(up).toMatchObject({ code: 0 });
    const warning = "the annotation pulumi-aws-auth/claims is full (128 KiB)";
    expect(up.output.slice(up.output.indexOf("Diagnostics:")).split(warning)).toHaveLength(2);
    expect(await stacks.roles()).toEqual(["node system:nodes", "shared viewers", "own viewers"]);
    expect(await stacks.record()).toBe(text);
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
    expect(await stacks.record()).toBe(text);
  });

  it("not there yet, with the ConfigMap: one POST brings entry and claim", async () => {
    const proxy = await startCountingProxy(stacks.cluster);
    await infra.write("kubeconfig", proxy.kubeconfig(deployerName, "infra"));
    await infra.configure({ "aws-auth:kubeconfig": "kubeconfig" });
    await infra.program(programOf({ own: roleOf("own", ...viewers) }, dynamicDoor));
    await stacks.map.reset(undefined);
    expect(await infra.up()).toMatchObject({ code: 0 });
    await proxy.stop();
    expect(proxy.requests.map(({ method }) => method).filter((method) => method !== "GET")).toEqual(["POST"]);
    expect(await stacks.claims()).toEqual([ownOfInfra]);
    expect(await stacks.roles()).toEqual(["own viewers"]);
  });

  it("not there yet, for two stacks whose first claims come at once: both are recorded", async () => {
    await stacks.map.reset(undefined);
    const ups = await Promise.all([infra.up(), apps.up()]);
    expect(ups.map(({ code }) => code)).toEqual([0, 0]);
    expect(await stacks.claims()).toEqual([ownOfInfra, sharedByApps, sharedByInfra].toSorted());
    expect((await stacks.roles()).toSorted()).toEqual(["own viewers", "shared viewers"]);
  });
});

describe("an update that was killed", () => {
  it("leaves what its stack's destroy still knows as its own", async () => {
    const stack = await FaultyStack.create();
    const edits = ({ method }: Arrival) => method === "PATCH";
    expect(await stack.project.up()).toMatchObject({ code: 0 });
    await stack.program("editors");
    const killed = await interrupt(stack, "up", "the CLI and the provider", (meanwhile) => {
      stack.proxy.reset(planOf({ on: edits, fault: { kind: "cutAfter", meanwhile } }));
    });
    expect(killed.hit).toBe(true);
    expect((await stack.map.data())["mapRoles"]).toContain("editors");
    await recover(stack, "destroy");
    await stack.expectDestroyed();
    expect((await stack.map.read())?.metadata.annotations).toBeUndefined();
    await stack.remove();
  });
});
