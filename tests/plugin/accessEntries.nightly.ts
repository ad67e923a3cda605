import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DeleteAccessEntryCommand,
  DisassociateAccessPolicyCommand,
  EKSClient,
  UpdateAccessEntryCommand,
} from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimTagKey } from "../../provider/claims.ts";
import { pluginDoor } from "../support/doors/door.ts";
import { account, roleOf } from "../support/eks/entryCluster.ts";
import { MovesOnEngine } from "../support/eks/movesOnEngine.ts";
import type { TestProject } from "../support/engine/testProject.ts";

const admins = "AmazonEKSClusterAdminPolicy";
const letThrough = { AWS_AUTH_LOCKOUT_PROTECTION: "off" };
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

  const expectNoChangesOf = async (project: TestProject) =>
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  const expectNoChanges = () => expectNoChangesOf(moves.project);

  const stateFile = () => join(moves.project.backend, ".pulumi", "stacks", moves.project.name, "test.json");

  it("shows what is changed in EKS as Pulumi's own diff, and restores it", async () => {
    const { project } = moves;
    await moves.inMode("API");
    expect(await project.up()).toMatchObject({ code: 0 });
    const of = (name: string) => ({ clusterName: "prod", principalArn: roleOf(name) });
    const policyArn = `arn:aws:eks::aws:cluster-access-policy/${admins}`;
    await person.send(new UpdateAccessEntryCommand({ ...of("eng/dev"), username: "dev", kubernetesGroups: ["x"] }));
    await person.send(new DisassociateAccessPolicyCommand({ ...of("admin"), policyArn }));
    await person.send(new DeleteAccessEntryCommand(of("teams/ops")));
    const preview = await project.preview();
    expect(preview.output).toContain('~ [0]: "viewers" => "x"');
    expect(preview.output).toContain('~ [0]: "x" => "viewers"');
    expect(preview.output).toMatch(/[-~] \[\d\]: "system:masters"/);
    expect(preview.output).toContain("+ 1 to create");
    expect(preview.output).toContain("~ 2 to update");
    expect(preview.output).not.toContain("__");
    expect(await project.up()).toMatchObject({ code: 0 });
    await moves.expectMoved("API");
    await expectNoChanges();
    expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it.each([
    ["API_AND_CONFIG_MAP", "CONFIG_MAP"],
    ["CONFIG_MAP", "API_AND_CONFIG_MAP"],
    ["API_AND_CONFIG_MAP", "API"],
    ["API", "API_AND_CONFIG_MAP"],
  ] as const)("finishes a step from %s to %s whose state was not saved, also after a refresh", async (from, to) => {
    const { project } = moves;
    await moves.inMode(from);
    expect(await project.up()).toMatchObject({ code: 0 });
    const before = await readFile(stateFile(), "utf8");
    await moves.inMode(to);
    expect(await project.up()).toMatchObject({ code: 0 });
    for (const isRefreshed of [true, false]) {
      await writeFile(stateFile(), before);
      if (isRefreshed) {
        expect(await project.refresh()).toMatchObject({ code: 0 });
      }
      expect(await project.up()).toMatchObject({ code: 0 });
      await moves.expectMoved(to);
      expect(await moves.lossesAtTheDoor()).toEqual([]);
      await expectNoChanges();
    }
  });

  it("imports an access entry, which the next up claims and a destroy removes", async () => {
    const { world } = moves;
    await moves.inMode("API");
    expect(await moves.project.with(letThrough).destroy()).toMatchObject({ code: 0 });
    const say = { type: "STANDARD", username: "ops:{{SessionName}}", groups: ["operators"] };
    world.aws.addServiceEntry("prod", roleOf("teams/ops"), say);
    const project = await world.add("imports", "resources: {}\n", pluginDoor);
    await world.inMode(project, "API");
    const type = "aws-auth:index:IdentityMapping";
    const imported = await project.pulumi(
      "import",
      type,
      "ops",
      roleOf("ops"),
      "--yes",
      "--skip-preview",
      "--protect=false",
    );
    expect(imported).toMatchObject({ code: 0 });
    const code = /^resources:\n( {2}.*\n)+/m.exec(imported.output)?.[0] ?? "";
    await project.program(code);
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(world.aws.entry("prod", roleOf("teams/ops"))).toMatchObject({
      username: "ops:{{SessionName}}",
      tags: { [claimTagKey]: expect.stringContaining("imports/test ops") },
    });
    await expectNoChangesOf(project);
    const missing = await project.pulumi("import", type, "none", roleOf("none"), "--yes", "--skip-preview");
    expect(missing.output).toContain(`resource '${roleOf("none")}' does not exist`);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(world.aws.entries("prod")).toEqual([]);
  });
});
