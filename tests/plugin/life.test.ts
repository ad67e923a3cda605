import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AwsAuthMap } from "../support/cluster/awsAuth.ts";
import { type Deployer, startDeployer } from "../support/cluster/deployer.ts";
import { seasonedData, seasonedMapRoles } from "../support/engine/manifest.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { outputOf, type YamlMapping, yamlProgram } from "../support/engine/yamlProgram.ts";
import { type PackedPlugin, packedPlugin, pluginForms } from "../support/plugin/packedPlugin.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

/** An entry in the style of the last one in the map. */
const entry = (name: string, username: string, ...groups: string[]) =>
  `- "groups":\n${groups.map((group) => `  - "${group}"\n`).join("")}  "rolearn": "${role(name)}"\n  "username": "${username}"\n`;

const dev = { arn: role("dev"), username: "dev", groups: ["developers", "viewers"] };
const admin = { arn: role("admin"), username: "admin", groups: ["admins"] };
const devEntry = entry("dev", "dev", "developers", "viewers");
const adminEntry = entry("admin", "admin", "admins");

/** What `pulumi import` prints, as the resources of a program. */
function importedCode(output: string): string {
  return /^resources:\n( {2}.*\n)+/m.exec(output)?.[0] ?? "";
}

describe.each(pluginForms)("a YAML program on a real API server, with the %s plugin", (form) => {
  let packed: PackedPlugin | undefined;
  let deployer: Deployer;
  let map: AwsAuthMap;
  let project: TestProject;
  let mappings: Record<string, YamlMapping> = { dev: { properties: dev }, admin: { properties: admin } };

  beforeAll(async () => {
    packed = form === "packed" ? await packedPlugin() : undefined;
    const plugin = packed && { packedPlugin: packed.tarball };
    deployer = await startDeployer(seasonedData, {}, { language: "yaml", ...plugin });
    ({ map, project } = deployer);
  });
  afterAll(async () => {
    await deployer?.stop();
    await packed?.remove();
  });

  async function declare(all: Record<string, YamlMapping>): Promise<void> {
    mappings = all;
    await project.program(yamlProgram(mappings));
  }

  async function mapRoles(): Promise<string> {
    return (await map.data())["mapRoles"] ?? "";
  }

  async function edit(before: string, after: string): Promise<void> {
    const text = await mapRoles();
    expect(text).toContain(before);
    await map.patch({ mapRoles: text.replace(before, after) });
  }

  async function expectNoChanges(): Promise<void> {
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  }

  it("previews its mappings with what is known of their outputs, and creates them", async () => {
    const inOrder = {
      dev: { properties: dev },
      admin: { properties: admin, options: { dependsOn: [outputOf("dev")] } },
    };
    await project.program(yamlProgram(inOrder, `outputs: { name: '${outputOf("dev.username")}' }\n`));
    const preview = await project.preview();
    expect(preview.code).toBe(0);
    expect(preview.raw).toContain('name: "dev"');
    expect(preview.raw).toContain("+ 3 to create");
    expect(await mapRoles()).toBe(seasonedMapRoles);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 created") });
    expect(await map.data()).toEqual({ ...seasonedData, mapRoles: seasonedMapRoles + devEntry + adminEntry });
    expect((await map.read())?.metadata.annotations?.["pulumi-aws-auth/claims"]).toMatch(
      /role\/admin .* organization\/test\/test admin\n.*role\/dev .* organization\/test\/test dev$/s,
    );
    await declare(mappings);
    await expectNoChanges();
  });

  it("shows a hand edit property by property, as Pulumi's own diff, and corrects it", async () => {
    await edit('- "developers"', '- "intruders"');
    const preview = await project.preview();
    expect(preview.raw).toContain('~ [0]: "developers" => "intruders"');
    expect(preview.raw).toContain('~ groups: [\n          ~ [0]: "intruders" => "developers"\n        ]');
    expect(preview.raw).toContain("~ 1 to update");
    expect(preview.raw).not.toContain("__");
    const up = await project.up();
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    expect(await mapRoles()).toBe(seasonedMapRoles + devEntry + adminEntry);
    await expectNoChanges();
  });

  it("shows a removed entry as one to create, and creates it under the claim that it had", async () => {
    const claims = (await map.read())?.metadata.annotations;
    await edit(adminEntry, "");
    const preview = await project.preview();
    expect(preview.raw).toContain("+ 1 to create");
    expect(preview.output).toContain(`the entry for arn "${role("admin")}" was removed outside Pulumi`);
    const up = await project.up();
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("+ 1 created") });
    expect(up.output).not.toContain("was claimed already");
    expect(await mapRoles()).toBe(seasonedMapRoles + devEntry + adminEntry);
    expect((await map.read())?.metadata.annotations).toEqual(claims);
    await expectNoChanges();
  });

  it("takes a hand edit into the state with a refresh", async () => {
    await edit('"username": "dev"', '"username": "someone"');
    const refresh = await project.refresh("--diff");
    expect(refresh).toMatchObject({ code: 0 });
    expect(refresh.raw).toContain('~ username: "dev" => "someone"');
    const preview = await project.preview();
    expect(preview.raw).toContain('~ username: "someone" => "dev"');
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await mapRoles()).toBe(seasonedMapRoles + devEntry + adminEntry);
  });

  it("imports entries, whose printed code changes nothing", async () => {
    const before = await map.read();
    const importOf = (...args: string[]) =>
      project.pulumi("import", ...args, "--yes", "--skip-preview", "--protect=false");
    const type = "aws-auth:index:IdentityMapping";
    const resources = [
      { type, name: "ci", id: role("ci") },
      { type, name: "alice", id: "arn:aws:iam::111122223333:user/alice" },
      { type, name: "account", id: "111122223333" },
    ];
    await project.write("imports.json", JSON.stringify({ resources }));
    const imported = await importOf("--file", "imports.json");
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 3 imported") });
    const code = importedCode(imported.raw);
    expect(code).toContain(
      `  ci:\n    type: aws-auth:IdentityMapping\n    properties:\n      arn: ${role("ci")}\n      groups:\n        - deployers\n      username: ci\n`,
    );
    const own = Object.entries(mappings).map(([name, { properties }]) => {
      return `  ${name}: ${JSON.stringify({ type: "aws-auth:IdentityMapping", properties })}\n`;
    });
    await project.program(code + own.join(""));
    await expectNoChanges();
    expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await map.read()).toEqual(before);
    await declare({ dev: { properties: dev }, admin: { properties: admin } });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 3 deleted") });
    expect(await map.data()).toMatchObject({ mapRoles: expect.not.stringContaining(role("ci")) });
    await map.patch({ ...seasonedData, mapRoles: seasonedMapRoles + devEntry + adminEntry });
    const missing = await importOf(type, "none", role("none"));
    expect(missing).toMatchObject({ output: expect.stringContaining(`resource '${role("none")}' does not exist`) });
    const nonsense = await importOf(type, "none", "nonsense");
    expect(nonsense.output).toContain('error: "nonsense" is not the ID of an IdentityMapping; give the ARN');
    expect(nonsense.output).not.toMatch(/^\s+at /m);
  });

  it("refuses a duplicate in the preview, and adopts it if it is told to", async () => {
    const properties = { arn: role("terraform-admin"), username: "terraform", groups: ["system:masters"] };
    await declare({ dev: { properties: dev }, admin: { properties: admin }, terraform: { properties } });
    const preview = await project.preview();
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain(
      `resource 'terraform': property arn value {${role("terraform-admin")}} has a problem: arn "${role("terraform-admin")}" is already mapped`,
    );
    expect(preview.output).not.toMatch(/^\s+at /m);
    await declare({ ...mappings, terraform: { properties: { ...properties, adopt: true } } });
    expect((await project.preview()).output).toContain(
      `adoption of arn "${role("terraform-admin")}": mapRoles entry 4`,
    );
    const adopted = seasonedMapRoles.replace('"username": "terraform-admin"', '"username": "terraform"');
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 1 created") });
    expect(await mapRoles()).toBe(adopted + devEntry + adminEntry);
    await expectNoChanges();
  });

  it("is renamed, replaced and updated in one run, the new entry before the old one goes", async () => {
    await declare({
      developer: { properties: dev },
      admin: { properties: { ...admin, arn: role("new-admin") } },
      terraform: { properties: { arn: role("terraform-admin"), username: "t", groups: ["system:masters", "more"] } },
    });
    const preview = await project.preview();
    expect(preview.raw).toContain(`~ arn: "${role("admin")}" => "${role("new-admin")}"`);
    expect(preview.raw).toContain('~ username: "terraform" => "t"');
    expect(preview.raw).toContain('+ [1]: "more"');
    const up = await project.up();
    expect(up).toMatchObject({ code: 0 });
    for (const count of ["+ 1 created", "~ 1 updated", "- 1 deleted", "+-1 replaced"]) {
      expect(up.output).toContain(count);
    }
    const updated = seasonedMapRoles
      .replace('- "system:masters"\n', '- "system:masters"\n  - "more"\n')
      .replace('"username": "terraform-admin"', '"username": "t"');
    expect(await mapRoles()).toBe(updated + devEntry + entry("new-admin", "admin", "admins"));
    await expectNoChanges();
  });

  it("respects protect, ignoreChanges, targets and retainOnDelete", async () => {
    const before = await mapRoles();
    const boss = { properties: { ...admin, arn: role("new-admin"), username: "boss" } };
    const developer = { properties: dev, options: { protect: true, ignoreChanges: ["groups"] } };
    const terraform = { properties: { arn: role("terraform-admin"), username: "other", groups: ["system:masters"] } };
    await declare({ developer, admin: boss, terraform });
    const target = "urn:pulumi:test::test::aws-auth:index:IdentityMapping::admin";
    expect(await project.up("--target", target)).toMatchObject({ code: 0 });
    expect(await mapRoles()).toBe(before.replace('"username": "admin"', '"username": "boss"'));
    await edit('- "developers"', '- "intruders"');
    // Its claim still says the groups of before.
    const up = await project.up();
    expect(up).toMatchObject({
      code: 0,
      output: expect.stringContaining("no property changes; the update makes the map"),
    });
    expect(await mapRoles()).toContain('- "intruders"');
    await expectNoChanges();
    await declare({ admin: boss });
    const refused = await project.preview();
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining("because it is protected") });
    await declare({
      developer: { ...developer, options: { ignoreChanges: ["groups"], retainOnDelete: true } },
      admin: boss,
    });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
    await declare({
      developer: { properties: { ...dev, groups: ["readers"] }, options: { retainOnDelete: true } },
      admin: boss,
    });
    expect((await project.preview()).raw).toContain('~ [0]: "intruders" => "readers"');
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    expect(await mapRoles()).toContain(entry("dev", "dev", "readers"));
    await declare({ admin: boss });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
    expect(await mapRoles()).toContain(role("dev"));
  });

  it("leaves what is not its own when it is destroyed", async () => {
    expect(await project.destroy()).toMatchObject({ code: 0 });
    const [terraform = ""] = /- "groups":\n {2}- "system:masters"\n.*\n.*\n/.exec(seasonedMapRoles) ?? [];
    expect(await mapRoles()).toBe(seasonedMapRoles.replace(terraform, "") + entry("dev", "dev", "readers"));
  });
});
