import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deployerName } from "../support/cluster/deployer.ts";
import {
  claimOn,
  type Mappings,
  programOf,
  roleArn,
  roleEntry,
  roleOf,
  type Stacks,
  startStacks,
} from "../support/cluster/stacks.ts";
import { dynamicDoor } from "../support/doors/door.ts";
import { withoutClaims } from "../support/engine/state.ts";
import type { TestProject } from "../support/engine/testProject.ts";

const node = roleEntry("node", "system:node", "system:nodes");
const viewers = ["viewers"];
const [ofInfra, ofApps] = [dynamicDoor.stackName("infra"), dynamicDoor.stackName("apps")];
const unchanged = "--expect-no-changes";
const shared: Mappings = { shared: roleOf("shared", ...viewers) };
const all: Mappings = { ...shared, own: roleOf("own", ...viewers), edited: roleOf("edited", ...viewers) };

const configure = (project: TestProject, { cluster }: Stacks, ownership: string) =>
  project.configure({
    "aws-auth:kubeconfig": cluster.kubeconfigFile(deployerName),
    "aws-auth:ownership": ownership,
  });

// The resource plugin has written no state of 0.1.0.
describe("two stacks that share an entry", () => {
  let stacks: Stacks;
  let infra: TestProject;
  let apps: TestProject;

  beforeAll(async () => {
    stacks = await startStacks(node);
  });
  afterAll(() => stacks?.stop());
  beforeEach(async () => {
    await stacks.map.reset({ mapRoles: node });
    infra = await stacks.add("infra");
    apps = await stacks.add("apps");
    await infra.program(programOf(all));
    await apps.program(programOf(shared));
    expect(await infra.up()).toMatchObject({ code: 0 });
    expect(await apps.up()).toMatchObject({ code: 0 });
  });

  /** Makes of a stack what 0.1.0 left: a state that says nothing of claims, and no lines in the record. */
  async function asOf010(project: TestProject): Promise<void> {
    await project.write("state.json", withoutClaims(await project.state()));
    expect(await project.pulumi("stack", "import", "--file", "state.json")).toMatchObject({ code: 0 });
    const lines = (await stacks.record())?.split("\n").filter((line) => !line.includes(`/${project.name}/`)) ?? [];
    await stacks.setRecord(lines.length > 0 ? lines.join("\n") : null);
  }

  it("one of them from 0.1.0: it sees whom it shares with, and every claim is another's to its destroy", async () => {
    await asOf010(infra);
    const preview = await infra.pulumi("preview");
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toContain(`arn "${roleArn("shared")}" is shared with "${ofApps} shared"`);
    expect(preview.output).toContain("~ 1 to update");
    const { mapRoles = "" } = await stacks.map.data();
    await stacks.map.patch({
      mapRoles: mapRoles.replace(roleEntry("edited", "edited", ...viewers), roleEntry("edited", "edited", "auditors")),
    });
    const destroy = await infra.destroy();
    expect(destroy.code).not.toBe(0);
    expect(destroy.output).toContain(
      `arn "${roleArn("edited")}" was changed outside Pulumi, so it is not removed; this resource last said`,
    );
    expect(await infra.destroy("--refresh")).toMatchObject({ code: 0 });
    expect(await stacks.roles()).toEqual(["node system:nodes", "shared viewers"]);
    expect(await stacks.claims()).toEqual([claimOn("shared", viewers, `${ofApps} shared`)]);
    expect(await apps.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
  });

  it("both from 0.1.0: nothing changes by the upgrade, and what one removes the other sees and adds again", async () => {
    await asOf010(infra);
    await asOf010(apps);
    expect(await stacks.record()).toBeUndefined();
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
    const preview = await apps.pulumi("preview");
    expect(preview.output).toContain(`drift of arn "${roleArn("shared")}": entry: removed outside Pulumi`);
    expect(await apps.up()).toMatchObject({ code: 0 });
    expect(await stacks.claims()).toEqual([claimOn("shared", viewers, `${ofApps} shared`)]);
    expect(await apps.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
  });

  it("both from 0.1.0, and aws-auth:ownership: all in one: it claims everything once", async () => {
    await asOf010(infra);
    await asOf010(apps);
    const before = await stacks.map.data();
    await configure(infra, stacks, "all");
    expect(await infra.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 3 updated") });
    expect(await stacks.map.data()).toEqual(before);
    expect(await stacks.claims()).toEqual(
      ["edited", "own", "shared"].map((role) => claimOn(role, viewers, `${ofInfra} ${role}`)),
    );
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    expect(await apps.destroy()).toMatchObject({
      code: 0,
      output: expect.stringContaining(`stays: "${ofInfra} shared" wants it`),
    });
    expect(await stacks.map.data()).toEqual(before);
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
    expect(await stacks.record()).toBeUndefined();
  });
});
