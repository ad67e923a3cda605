import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { entryKey, MapHistory } from "../support/cluster/mapHistory.ts";
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
import { pluginDoor as door, expectRemoval } from "../support/doors/door.ts";
import { mappingsOf } from "../support/engine/state.ts";
import type { TestProject } from "../support/engine/testProject.ts";

const node = roleEntry("node", "system:node", "system:nodes");
const viewers = ["viewers"];
const unchanged = "--expect-no-changes";
const team: Mappings = { team: roleOf("team", ...viewers) };
const ops: Mappings = { ops: roleOf("ops", ...viewers) };

describe("a mapping that moves, through the resource plugin", () => {
  const [ofInfra, ofApps] = [door.stackName("infra"), door.stackName("apps")];
  let stacks: Stacks;
  let backend: string;
  let infra: TestProject;
  let apps: TestProject;

  beforeAll(async () => {
    stacks = await startStacks(node);
  });
  beforeEach(async () => {
    await stacks.map.reset({ mapRoles: node });
    backend = await mkdtemp(join(tmpdir(), "aws-auth-backend-"));
    const env = { PULUMI_BACKEND_URL: `file://${backend}` };
    infra = await stacks.add("infra", { env, ...door.options });
    apps = await stacks.add("apps", { env, ...door.options });
    await infra.program(programOf({ ...ops, ...team }, door));
    await apps.program(programOf({}, door));
    expect(await infra.up()).toMatchObject({ code: 0 });
    expect(await apps.up()).toMatchObject({ code: 0 });
  });
  afterEach(() => rm(backend, { recursive: true, force: true }));
  afterAll(() => stacks?.stop());

  /** Whatever happens meanwhile, the map holds the entry in each version. */
  async function expectNeverGone(moves: () => Promise<void>): Promise<void> {
    const history = await MapHistory.start(stacks.cluster);
    await moves();
    await history.stop();
    for (const { entries } of history.versions) {
      expect(entries.filter((entry) => entry === entryKey(roleArn("team"), "team", viewers))).toHaveLength(1);
    }
  }

  it("to another stack with pulumi state move: nobody writes, and the claim goes along", async () => {
    const record = await stacks.record();
    const data = await stacks.map.data();
    const moved = (await mappingsOf(infra)).find(({ urn }) => urn.endsWith("::team"))?.urn ?? "";
    await expectNeverGone(async () => {
      const move = ["--source", "organization/infra/test", "--dest", "organization/apps/test", "--yes", moved];
      expect(await infra.cli("state", "move", ...move)).toMatchObject({ code: 0 });
      await infra.program(programOf(ops, door));
      await apps.program(programOf(team, door));
      expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
      expect(await apps.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
      expect(await apps.up()).toMatchObject({ code: 0 });
      expect(await infra.destroy()).toMatchObject({ code: 0 });
    });
    expect(record).toContain(`${ofInfra} team`);
    expect(await stacks.claims()).toEqual([claimOn("team", viewers, `${ofInfra} team`)]);
    expect(data["mapRoles"]).toBe(
      `${node}${roleEntry("ops", "ops", ...viewers)}${roleEntry("team", "team", ...viewers)}`,
    );
    expect(await apps.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
    expect(await stacks.record()).toBeUndefined();
  });

  it("to another stack in two steps: there first, where it is shared for a while, then away from here", async () => {
    await expectNeverGone(async () => {
      await apps.program(programOf(team, door));
      const there = await apps.up();
      expect(there).toMatchObject({ code: 0 });
      expect(there.output).toContain(`which "${ofInfra} team" wants as well`);
      await infra.program(programOf(ops, door));
      const here = await infra.up();
      expect(here).toMatchObject({ code: 0 });
      expect(here.output).toContain(`the entry for arn "${roleArn("team")}" stays: "${ofApps} team" wants it`);
      expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
      expect(await apps.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    });
    expect(await stacks.claims()).toEqual([
      claimOn("ops", viewers, `${ofInfra} ops`),
      claimOn("team", viewers, `${ofApps} team`),
    ]);
  });

  it("by hand to what the program is to say from now on: the up writes no entry", async () => {
    const { mapRoles = "" } = await stacks.map.data();
    const byHand = { mapRoles: mapRoles.replace(/viewers\n$/, "auditors\n") };
    await stacks.map.patch(byHand);
    await infra.program(programOf({ ...ops, team: roleOf("team", "auditors") }, door));
    const up = await infra.up();
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    expect(await stacks.map.data()).toEqual(byHand);
    expect(await stacks.claims()).toContain(claimOn("team", ["auditors"], `${ofInfra} team`));
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
  });

  it("with its stack to another name: the claim is the same, under the name that it had", async () => {
    const record = await stacks.record();
    expect(await infra.pulumi("stack", "rename", "prod")).toMatchObject({ code: 0 });
    const renamed = infra.onStack("prod");
    expect(await renamed.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    await renamed.program(programOf({ ...ops, team: roleOf("team", "auditors") }, door));
    expect(await renamed.up()).toMatchObject({ code: 0 });
    expect(await stacks.claims()).toEqual([
      claimOn("ops", viewers, `${ofInfra} ops`),
      claimOn("team", ["auditors"], `${ofInfra} team`),
    ]);
    expect(record?.split("\n")).toHaveLength(2);
    expect(await renamed.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
    expect(await stacks.record()).toBeUndefined();
  });

  it("with a copy of its stack into another backend: the copy is no new owner, and takes the entry with it", async () => {
    const before = await stacks.map.read();
    const copy = await stacks.add("infra", door.options);
    await copy.program(programOf({ ...ops, ...team }, door));
    await copy.write("state.json", await infra.state());
    expect(await copy.pulumi("stack", "import", "--file", "state.json")).toMatchObject({ code: 0 });
    expect(await copy.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    expect(await copy.up()).toMatchObject({ code: 0 });
    expect(await stacks.map.read()).toEqual(before);
    expect(await copy.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
    const original = await infra.pulumi("preview");
    expect(original).toMatchObject({ code: 0 });
    expectRemoval(door, original, `arn "${roleArn("team")}"`);
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.record()).toBeUndefined();
  });

  it("to a stack of the same name in another backend: both claim it, and whoever takes the other's claim along says so", async () => {
    const namesake = await stacks.add("infra", door.options);
    await namesake.program(programOf(team, door));
    const up = await namesake.up();
    expect(up).toMatchObject({ code: 0 });
    expect(up.output).toContain(
      `arn "${roleArn("team")}" is claimed already under the name of this resource, "${ofInfra} team": by an interrupted run,`,
    );
    expect(await stacks.claims()).toEqual([
      claimOn("ops", viewers, `${ofInfra} ops`),
      claimOn("team", viewers, `${ofInfra} team`),
      claimOn("team", viewers, `${ofInfra} team`),
    ]);
    expect(await infra.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    const gone = await namesake.destroy();
    expect(gone).toMatchObject({ code: 0 });
    expect(gone.output).toContain(
      `another claim on the entry for arn "${roleArn("team")}" under the name of this resource, "${ofInfra} team", was removed with this one`,
    );
    expect(await stacks.roles()).toEqual(["node system:nodes", "ops viewers"]);
    expect(await infra.up()).toMatchObject({ code: 0 });
    expect(await stacks.roles()).toEqual(["node system:nodes", "ops viewers", "team viewers"]);
    // Once more, and this time the older one goes.
    expect(await namesake.up()).toMatchObject({ code: 0 });
    expect(await infra.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.roles()).toEqual(["node system:nodes", "team viewers"]);
    expect(await namesake.pulumi("preview", unchanged)).toMatchObject({ code: 0 });
    expect(await namesake.destroy()).toMatchObject({ code: 0 });
    expect(await stacks.map.data()).toEqual({ mapRoles: node });
    expect(await stacks.record()).toBeUndefined();
  });
});
