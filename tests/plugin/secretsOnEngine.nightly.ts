import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineOwn, mostVerbose } from "../support/cluster/leaks.ts";
import { plainly, secret } from "../support/doors/declared.ts";
import { doors, pluginDoor } from "../support/doors/door.ts";
import { type AccessEntryCluster, longAgo, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import { stateFileOf } from "../support/engine/state.ts";
import type { Outcome, TestProject } from "../support/engine/testProject.ts";
import { unfolded } from "../support/unfolded.ts";

const marker = (name: string) => `hush-${name}-${randomBytes(6).toString("hex")}`;

describe.each(doors)("what a program marks as secret of a mapping in access entries, through the $name", (door) => {
  const role = marker("role");
  const path = marker("path");
  const content = { username: marker("user"), groups: [marker("group")] };
  const secrets = [role, path, content.username, ...content.groups];
  const hidden = {
    arn: secret(roleOf(`${path}/${role}`)),
    username: secret(content.username),
    groups: [secret(content.groups[0])],
  };
  let world: AccessEntryCluster;
  let project: TestProject;

  beforeAll(async () => {
    world = await startEntryCluster("API_AND_CONFIG_MAP", longAgo);
    world.aws.principals.create(roleOf(`${path}/${role}`));
    project = await world.add("test", "", door);
    await declare({ hidden });
  }, 900_000);
  afterAll(() => world?.stop());

  const declare = (mappings: Readonly<Record<string, object>>) => project.program(door.program(plainly(mappings)));
  const leaksIn = (text: string) =>
    text.split("\n").filter((line) => !engineOwn.test(line) && secrets.some((one) => line.includes(one)));

  /** Expects nothing secret in what a run prints and stores. */
  async function see(running: Promise<Outcome>, isDone = true): Promise<string> {
    const { raw, output, code } = await running;
    expect({ isDone: code === 0, output }).toMatchObject({ isDone });
    expect(leaksIn(raw)).toEqual([]);
    expect(leaksIn(unfolded(raw))).toEqual([]);
    expect(leaksIn(await stateFileOf(project))).toEqual([]);
    expect(leaksIn(await project.state())).toEqual([]);
    return output;
  }

  const drift = (change: object) => Object.assign(world.aws.entry("prod", roleOf(`${path}/${role}`)) ?? {}, change);

  it("is in no preview, update, refresh, log or state, wherever the mapping goes", async () => {
    for (const mode of ["API_AND_CONFIG_MAP", "API"] as const) {
      await world.inMode(project, mode);
      await see(project.preview());
      await see(project.up("--diff"));
      await see(project.refresh("--diff"));
      await see(project.preview("--expect-no-changes", ...mostVerbose));
    }
    const [tags] = world.aws.entries("prod").map((entry) => JSON.stringify(entry.tags));
    expect(tags).toContain("test/test hidden");
    expect(leaksIn(tags ?? "")).toEqual([]);
  });

  it("is in no drift, conflict, duplicate and error", async () => {
    drift({ username: "by-hand", kubernetesGroups: ["by-hand"] });
    // What was read is as secret as what was written.
    expect(await see(project.preview())).toContain("[secret] => [secret]");
    await see(project.refresh("--diff"));
    await see(project.up("--diff"));
    drift({ policies: [], username: "other" });
    await see(project.destroy(), door.readsFirst);
    drift(content);
    await see(project.destroy());
    world.aws.addServiceEntry("prod", roleOf(`${path}/${role}`), {
      type: "STANDARD",
      username: "theirs",
      groups: ["x"],
    });
    await see(project.preview(), false);
    await declare({ hidden: { ...hidden, adopt: true } });
    expect(await see(project.preview())).toContain("adoption of");
    await declare({ hidden: { ...hidden, adopt: true }, other: { ...hidden, username: "other" } });
    await see(project.preview(), false);
    await declare({ hidden: { ...hidden, groups: [secret(`system:${content.groups[0]}`)] } });
    await see(project.preview(), false);
  });
});

describe("a provider's settings that are secret, through the resource plugin", () => {
  it("are in no message and, in clear, in no state", async () => {
    const world = await startEntryCluster();
    try {
      const kubeconfig = world.cluster.kubeconfig("deployer");
      const secrets = [world.cluster.token("deployer"), world.cluster.caData.slice(100, 160)];
      const leaksIn = (text: string) =>
        text.split("\n").filter((line) => !engineOwn.test(line) && secrets.some((one) => line.includes(one)));
      const program = pluginDoor.program(plainly({ dev: { arn: roleOf("dev"), username: "dev" } }));
      const project = await world.add("settings", program, pluginDoor);
      await project.configure({});
      await project.pulumi("config", "set", "--secret", "aws-auth:kubeconfig", kubeconfig);
      for (const run of [
        () => project.preview(...mostVerbose),
        () => project.up(),
        () => project.refresh(...mostVerbose),
        () => project.destroy(),
      ]) {
        const { code, raw } = await run();
        expect({ code, leaks: leaksIn(raw) }).toEqual({ code: 0, leaks: [] });
        expect(leaksIn(await stateFileOf(project))).toEqual([]);
      }
      for (const name of ["kubeconfg", "lockoutProtection"]) {
        await project.configure({});
        await project.pulumi("config", "set", "--secret", `aws-auth:${name}`, kubeconfig);
        const { code, raw } = await project.preview();
        expect({ code, leaks: leaksIn(raw) }).toEqual({ code: 1, leaks: [] });
        expect(raw).toContain(`aws-auth:${name}`);
      }
    } finally {
      await world.stop();
    }
  }, 600_000);
});
