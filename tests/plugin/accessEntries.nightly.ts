import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DeleteAccessEntryCommand,
  DisassociateAccessPolicyCommand,
  EKSClient,
  UpdateAccessEntryCommand,
} from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pluginDoor } from "../support/doors/door.ts";
import { account, roleOf } from "../support/eks/entryCluster.ts";
import { MovesOnEngine } from "../support/eks/movesOnEngine.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { mappingsOf } from "../support/engine/state.ts";

const admins = "AmazonEKSClusterAdminPolicy";
const modes: readonly AuthenticationMode[] = ["API_AND_CONFIG_MAP", "API", "API_AND_CONFIG_MAP", "CONFIG_MAP", "API"];

describe("a YAML program whose mappings are in access entries", () => {
  let moves: MovesOnEngine;
  let person: EKSClient;

  beforeAll(async () => {
    moves = await MovesOnEngine.start(pluginDoor);
    const { aws } = moves.world;
    const credentials = aws.caller("person", aws.principals.create(`arn:aws:iam::${account}:user/person`).arn);
    person = new EKSClient({ region: "eu-central-1", credentials, endpoint: aws.url });
  }, 900_000);
  afterAll(async () => {
    person?.destroy();
    await moves?.stop();
  });

  async function expectNoChanges(): Promise<void> {
    expect(await moves.project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  }

  const stateFile = () => join(moves.project.backend, ".pulumi", "stacks", moves.project.name, "test.json");

  it("moves with the stack's setting, there and back, and everybody has access at each step", async () => {
    const { project } = moves;
    await moves.inMode("CONFIG_MAP");
    expect(await project.up()).toMatchObject({ code: 0 });
    let before: AuthenticationMode = "CONFIG_MAP";
    for (const mode of modes) {
      await moves.inMode(mode);
      const preview = await project.preview();
      expect(preview.raw).toContain("~ 3 to update");
      const [from, to] = [before, mode].map((one) => JSON.stringify(one));
      expect(preview.raw).toContain(
        before === "CONFIG_MAP"
          ? `+ authenticationMode: ${to}`
          : mode === "CONFIG_MAP"
            ? `- authenticationMode: ${from}`
            : `~ authenticationMode: ${from} => ${to}`,
      );
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 3 updated") });
      await moves.expectMoved(mode);
      expect(await moves.lossesAtTheDoor()).toEqual([]);
      await expectNoChanges();
      before = mode;
    }
  });

  it("shows what somebody changes in EKS as Pulumi's own diff, and restores it", async () => {
    const { project } = moves;
    const of = (name: string) => ({ clusterName: "prod", principalArn: roleOf(name) });
    const policyArn = `arn:aws:eks::aws:cluster-access-policy/${admins}`;
    await person.send(new UpdateAccessEntryCommand({ ...of("eng/dev"), username: "dev", kubernetesGroups: ["x"] }));
    await person.send(new DisassociateAccessPolicyCommand({ ...of("admin"), policyArn }));
    await person.send(new DeleteAccessEntryCommand(of("teams/ops")));
    const preview = await project.preview();
    expect(preview.raw).toContain('~ [0]: "viewers" => "x"');
    expect(preview.raw).toContain('~ [0]: "x" => "viewers"');
    expect(preview.raw).toMatch(/[-~] \[\d\]: "system:masters"/);
    expect(preview.raw).toContain("+ 1 to create");
    expect(preview.raw).toContain("~ 2 to update");
    expect(preview.raw).not.toContain("__");
    const up = await project.up();
    expect(up.code).toBe(0);
    expect(up.output).toContain("+ 1 created");
    expect(up.output).toContain("~ 2 updated");
    await moves.expectMoved("API");
    await expectNoChanges();
    expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it.each([
    ["API", "CONFIG_MAP"],
    ["CONFIG_MAP", "API"],
  ] as const)(
    "finds a move from %s to %s whose state was not saved, by a refresh and by an update",
    async (from, to) => {
      const { project } = moves;
      await moves.inMode(from);
      expect(await project.up()).toMatchObject({ code: 0 });
      const before = await readFile(stateFile(), "utf8");
      await moves.inMode(to);
      expect(await project.up()).toMatchObject({ code: 0 });
      await writeFile(stateFile(), before);
      expect(await project.refresh()).toMatchObject({ code: 0 });
      const kept = await mappingsOf(project);
      expect(kept.map(({ outputs }) => outputs["authenticationMode"] ?? "CONFIG_MAP")).toEqual([to, to, to]);
      await expectNoChanges();
      await writeFile(stateFile(), before);
      expect(await project.up()).toMatchObject({ code: 0 });
      await moves.expectMoved(to);
      expect(await moves.lossesAtTheDoor()).toEqual([]);
      await expectNoChanges();
    },
  );

  it("imports access entries, whose printed code changes nothing", async () => {
    const { world } = moves;
    await moves.inMode("API");
    expect(await moves.project.destroy()).toMatchObject({ code: 0 });
    const say = { type: "STANDARD", username: "ops:{{SessionName}}", groups: ["operators"] };
    world.aws.addServiceEntry("prod", roleOf("teams/ops"), say);
    world.aws.addServiceEntry("prod", roleOf("admin"), { type: "STANDARD", username: "a", policies: [admins] });
    await world.map.reset({ mapRoles: `- rolearn: ${roleOf("dev")}\n  username: dev\n  groups: [viewers]\n` });
    const before = [structuredClone(world.aws.entries("prod")), await world.map.data()];
    const project = await world.add("imports", "resources: {}\n", pluginDoor);
    await world.inMode(project, "API");
    const type = "aws-auth:index:IdentityMapping";
    const resources = [
      { type, name: "ops", id: roleOf("ops") },
      { type, name: "admin", id: roleOf("admin") },
      { type, name: "dev", id: `CONFIG_MAP:${roleOf("eng/dev")}` },
    ];
    await project.write("imports.json", JSON.stringify({ resources }));
    const imported = await project.pulumi(
      "import",
      "--file",
      "imports.json",
      "--yes",
      "--skip-preview",
      "--protect=false",
    );
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 3 imported") });
    const code = /^resources:\n( {2}.*\n)+/m.exec(imported.raw)?.[0] ?? "";
    expect(code).toContain(`arn: ${roleOf("teams/ops")}\n`);
    expect(code.match(/authenticationMode: .*/g)).toEqual(["authenticationMode: CONFIG_MAP"]);
    await project.program(code);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
    expect([world.aws.entries("prod"), await world.map.data()]).toEqual(before);
    const missing = await project.pulumi("import", type, "none", roleOf("none"), "--yes", "--skip-preview");
    expect(missing.output).toContain(`resource '${roleOf("none")}' does not exist`);
    const elsewhere = await project.pulumi("import", type, "dev2", roleOf("dev"), "--yes", "--skip-preview");
    expect(elsewhere.output).toContain(
      `arn "${roleOf("dev")}" has no access entry, but an entry in aws-auth; to import that, give the ID "CONFIG_MAP:${roleOf("dev")}"`,
    );
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(world.aws.entries("prod")).toEqual([]);
    expect((await world.map.data())["mapRoles"]).toBe("[]\n");
  });
});
