import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { claimOn, programOf, roleArn, roleEntry, roleOf, type Stacks, startStacks } from "../support/cluster/stacks.ts";
import { pluginDoor } from "../support/doors/door.ts";
import type { TestProject } from "../support/engine/testProject.ts";

const node = roleEntry("node", "system:node:{{EC2PrivateDNSName}}", "system:bootstrappers", "system:nodes");
const [ofInfra, ofApps] = [claimOn("dev", "infra/test dev"), claimOn("dev", "apps/test dev")];

describe("two stacks on one map", () => {
  let stacks: Stacks;
  let infra: TestProject;
  let apps: TestProject;

  beforeAll(async () => {
    stacks = await startStacks(node);
    infra = await stacks.add("infra");
    apps = await stacks.add("apps", pluginDoor.options);
  });
  beforeEach(async () => {
    await stacks.map.reset({ mapRoles: node });
    await map(infra, "viewers");
    await map(apps, "viewers");
  });
  afterAll(() => stacks?.stop());

  /** Maps the role "dev" to a group. */
  function map(project: TestProject, group: string, options: { readonly adopt?: boolean } = {}): Promise<void> {
    const door = project === apps ? pluginDoor : undefined;
    return project.program(programOf({ dev: { ...roleOf("dev", group), ...options } }, door));
  }

  async function done(run: Promise<{ readonly code: number | null; readonly output: string }>): Promise<string> {
    const { code, output } = await run;
    expect(code, output).toBe(0);
    return output;
  }

  async function refused(project: TestProject, text: string): Promise<void> {
    const before = await stacks.map.read();
    const { code, output } = await project.preview();
    expect(output).toContain(text);
    expect(code).not.toBe(0);
    expect(await stacks.map.read()).toEqual(before);
  }

  it("share an entry that both declare, which goes with the last one", async () => {
    await done(infra.up());
    expect(await done(apps.up())).toContain(`arn "${roleArn("dev")}" is shared with "infra/test dev"`);
    expect([await stacks.roles(), await stacks.claims()]).toEqual([
      ["node system:bootstrappers system:nodes", "dev viewers"],
      [ofApps, ofInfra],
    ]);
    expect(await done(infra.destroy())).toContain(`stays, since it is also managed by "apps/test dev"`);
    expect([await stacks.roles(), await stacks.claims()]).toEqual([
      ["node system:bootstrappers system:nodes", "dev viewers"],
      [ofApps],
    ]);
    await done(apps.destroy());
    expect(await stacks.map.read()).toMatchObject({ data: { mapRoles: node } });
    expect(await stacks.claims()).toEqual([]);
  });

  it("change a shared entry only with adopt, which the other one reports and accepts", async () => {
    await done(infra.up());
    await done(apps.up());
    await map(infra, "editors");
    await refused(infra, `arn "${roleArn("dev")}" is shared with "apps/test dev"`);
    await map(infra, "editors", { adopt: true });
    await done(infra.up());
    expect([(await stacks.roles()).at(-1), await stacks.claims()]).toEqual(["dev editors", [ofInfra]]);
    await refused(apps, `arn "${roleArn("dev")}" was taken over by "infra/test dev"`);
    expect(await done(apps.destroy())).toContain(`stays, since it is also managed by "infra/test dev"`);
    expect((await stacks.roles()).at(-1)).toBe("dev editors");
    await done(infra.destroy());
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
  });

  it("both end as declared after a hand edit of the entry that they share", async () => {
    await done(infra.up());
    await done(apps.up());
    await stacks.map.patch({ mapRoles: node + roleEntry("dev", "dev", "editors") });
    expect((await infra.preview()).output).toContain("cluster has editors; up restores viewers");
    await done(infra.up());
    expect([(await stacks.roles()).at(-1), await stacks.claims()]).toEqual(["dev viewers", [ofInfra]]);
    await done(apps.up());
    expect(await stacks.claims()).toEqual([ofApps, ofInfra]);
    for (const project of [infra, apps]) {
      await done(project.preview("--expect-no-changes"));
    }
    await done(infra.destroy());
    await done(apps.destroy());
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
  });

  it("claim again what lost its claims, and name the entries of others that they may not take", async () => {
    await done(infra.up());
    await stacks.setRecord(null);
    await done(infra.up());
    expect(await stacks.claims()).toEqual([ofInfra]);
    await map(apps, "editors");
    await refused(apps, `arn "${roleArn("dev")}" is already mapped`);
    await refused(apps, `claimed by "infra/test dev"`);
    await done(infra.destroy());
    await done(apps.up());
    expect([(await stacks.roles()).at(-1), await stacks.claims()]).toEqual(["dev editors", [ofApps]]);
    await done(apps.destroy());
  });
});
