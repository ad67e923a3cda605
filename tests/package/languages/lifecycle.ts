import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AwsAuthMap } from "../../support/cluster/awsAuth.ts";
import { type Deployer, startDeployer } from "../../support/cluster/deployer.ts";
import { seasonedData, seasonedMapRoles } from "../../support/engine/manifest.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { type PackedPlugin, packedPlugin } from "../../support/plugin/packedPlugin.ts";
import { type Language, type Mappings, setUpLimit } from "./language.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

/** An entry with the field order and indentation of the map's last entry. */
const entry = (name: string, username: string, ...groups: string[]) =>
  `- groups:\n${groups.map((group) => `  - ${group}\n`).join("")}  rolearn: ${role(name)}\n  username: ${username}\n`;

/** An entry of the map in the format that Terraform writes. */
const terraform = `- "groups":\n  - "system:masters"\n  "rolearn": "${role("terraform-admin")}"\n  "username": "terraform-admin"\n`;

const dev = { arn: role("dev"), username: "dev", groups: ["developers", "viewers"] };
const admin = { arn: role("admin"), username: "admin", groups: ["admins"] };
const devEntry = entry("dev", "dev", "developers", "viewers");
const adminEntry = entry("admin", "admin", "admins");

/** Tests the lifecycle of a program, the same for every language. */
export function describeLifecycle(language: Language): void {
  describe(`a program in ${language.name} on a real API server`, () => {
    let packed: PackedPlugin;
    let deployer: Deployer;
    let map: AwsAuthMap;
    let project: TestProject;
    let mappings: Mappings = { dev: { properties: dev }, admin: { properties: admin } };

    beforeAll(async () => {
      packed = await packedPlugin();
      const options = await language.options();
      // The last test removes the last administrator of the map.
      const env = { ...options.env, AWS_AUTH_LOCKOUT_PROTECTION: "off" };
      deployer = await startDeployer(seasonedData, {}, { ...options, env, packedPlugin: packed.tarball });
      ({ map, project } = deployer);
      await language.setUp(project);
    }, setUpLimit);
    afterAll(async () => {
      await deployer?.stop();
      await packed?.remove();
    });

    async function declare(all: Mappings): Promise<void> {
      mappings = all;
      await language.write(project, language.program(mappings));
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

    it("previews mappings with their known outputs and creates them", async () => {
      const inOrder = { dev: { properties: dev }, admin: { properties: admin, options: { dependsOn: ["dev"] } } };
      await language.write(project, language.program(inOrder, { name: "dev" }));
      const preview = await project.preview();
      expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 to create") });
      expect(preview.output).toMatch(/name *: "dev"/);
      expect(await mapRoles()).toBe(seasonedMapRoles);
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 created") });
      expect(await map.data()).toEqual({ ...seasonedData, mapRoles: seasonedMapRoles + devEntry + adminEntry });
      expect((await map.read())?.metadata.annotations?.["pulumi-aws-auth/claims"]).toMatch(
        /role\/admin .* test\/test admin\n.*role\/dev .* test\/test dev$/s,
      );
      await declare(mappings);
      await expectNoChanges();
    });

    it("shows a change outside Pulumi in Pulumi's property diff and corrects it", async () => {
      await edit("- developers", "- intruders");
      const preview = await project.preview();
      expect(preview.output).toContain('~ [0]: "developers" => "intruders"');
      expect(preview.output).toContain('~ groups: [\n          ~ [0]: "intruders" => "developers"\n        ]');
      expect(preview.output).toContain("~ 1 to update");
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
      expect(await mapRoles()).toBe(seasonedMapRoles + devEntry + adminEntry);
      await expectNoChanges();
    });

    it("reports a removed entry and adds it again with the same claim", async () => {
      const claims = (await map.read())?.metadata.annotations;
      await edit(adminEntry, "");
      const preview = await project.preview();
      expect(preview.output).toContain(
        `drift of arn "${role("admin")}": entry: was removed from the cluster; up adds it again`,
      );
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
      expect(await mapRoles()).toBe(seasonedMapRoles + devEntry + adminEntry);
      expect((await map.read())?.metadata.annotations).toEqual(claims);
      await expectNoChanges();
    });

    it("refreshes the state with a change outside Pulumi", async () => {
      await edit("username: dev", "username: someone");
      const refresh = await project.refresh("--diff");
      expect(refresh).toMatchObject({ code: 0 });
      expect(refresh.output).toContain('~ username: "dev" => "someone"');
      const preview = await project.preview();
      expect(preview.output).toContain('~ username: "someone" => "dev"');
      expect(await project.up()).toMatchObject({ code: 0 });
      expect(await mapRoles()).toBe(seasonedMapRoles + devEntry + adminEntry);
    });

    it("imports entries and claims them in the next up with the generated code", async () => {
      const before = await map.data();
      const type = "aws-auth:index:IdentityMapping";
      const resources = [
        { type, name: "ci", id: role("ci") },
        { type, name: "alice", id: "arn:aws:iam::111122223333:user/alice" },
        { type, name: "account", id: "111122223333" },
      ];
      await project.write("imports.json", JSON.stringify({ resources }));
      const options = ["--file", "imports.json", "--yes", "--skip-preview", "--protect=false"];
      const imported = await project.pulumi("import", ...options);
      expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 3 imported") });
      expect(imported.output).toContain(language.codeOfImport);
      await language.write(project, language.withImported(imported.output, mappings));
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 3 updated") });
      await expectNoChanges();
      expect(await map.data()).toEqual(before);
      await declare(mappings);
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 3 deleted") });
      expect(await map.data()).toMatchObject({ mapRoles: expect.not.stringContaining(role("ci")) });
      await map.patch({ ...seasonedData, mapRoles: seasonedMapRoles + devEntry + adminEntry });
    });

    it("refuses a duplicate in the preview and adopts it with adopt", async () => {
      const properties = { arn: role("terraform-admin"), username: "terraform", groups: ["system:masters"] };
      await declare({ dev: { properties: dev }, admin: { properties: admin }, terraform: { properties } });
      const preview = await project.preview();
      expect(preview.code).not.toBe(0);
      expect(preview.output).toContain(
        `resource 'terraform': property arn value {${role("terraform-admin")}} has a problem: arn "${role("terraform-admin")}" is already mapped`,
      );
      await declare({ ...mappings, terraform: { properties: { ...properties, adopt: true } } });
      expect((await project.preview()).output).toContain(
        `adoption of arn "${role("terraform-admin")}": mapRoles entry 4`,
      );
      const adopted = seasonedMapRoles.replace(terraform, entry("terraform-admin", "terraform", "system:masters"));
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 1 created") });
      expect(await mapRoles()).toBe(adopted + devEntry + adminEntry);
      await expectNoChanges();
    });

    it("changes only the claim if a resource is renamed with an alias", async () => {
      const { dev: former, ...others } = mappings;
      const before = await mapRoles();
      await declare({ devs: { properties: former?.properties ?? {}, options: { aliases: ["dev"] } }, ...others });
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
      expect(await mapRoles()).toBe(before);
      await expectNoChanges();
    });

    it("renames without an alias, replaces and updates in one run, creating entries before deleting", async () => {
      await declare({
        developer: { properties: dev },
        admin: { properties: { ...admin, arn: role("new-admin") } },
        terraform: { properties: { arn: role("terraform-admin"), username: "t", groups: ["system:masters", "more"] } },
      });
      const preview = await project.preview();
      expect(preview.output).toContain(`~ arn: "${role("admin")}" => "${role("new-admin")}"`);
      expect(preview.output).toContain('~ username: "terraform" => "t"');
      expect(preview.output).toContain('+ [1]: "more"');
      const up = await project.up();
      expect(up).toMatchObject({ code: 0 });
      for (const count of ["+ 1 created", "~ 1 updated", "- 1 deleted", "+-1 replaced"]) {
        expect(up.output).toContain(count);
      }
      const updated = seasonedMapRoles.replace(terraform, entry("terraform-admin", "t", "system:masters", "more"));
      expect(await mapRoles()).toBe(updated + devEntry + entry("new-admin", "admin", "admins"));
      await expectNoChanges();
    });

    it("respects protect, ignoreChanges, targets and retainOnDelete", async () => {
      const before = await mapRoles();
      const boss = { properties: { ...admin, arn: role("new-admin"), username: "boss" } };
      const developer = { properties: dev, options: { protect: true, ignoreChanges: ["groups"] } };
      const other = { properties: { arn: role("terraform-admin"), username: "other", groups: ["system:masters"] } };
      await declare({ developer, admin: boss, terraform: other });
      const target = "urn:pulumi:test::test::aws-auth:index:IdentityMapping::admin";
      expect(await project.up("--target", target)).toMatchObject({ code: 0 });
      expect(await mapRoles()).toBe(before.replace("username: admin\n", "username: boss\n"));
      await edit("- developers", "- intruders");
      expect(await project.up()).toMatchObject({ code: 0 });
      expect(await mapRoles()).toContain("- intruders");
      await expectNoChanges();
      await declare({ admin: boss });
      const refused = await project.preview();
      expect(refused).toMatchObject({ code: 1, output: expect.stringContaining("because it is protected") });
      await declare({
        developer: { properties: dev, options: { ignoreChanges: ["groups"], retainOnDelete: true } },
        admin: boss,
      });
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
      expect(await mapRoles()).not.toContain(role("terraform-admin"));
      await declare({ admin: boss });
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
      expect(await mapRoles()).toContain(entry("dev", "dev", "intruders", "viewers"));
    });

    it("removes only its own entries on destroy", async () => {
      expect(await project.destroy()).toMatchObject({ code: 0 });
      expect(await mapRoles()).toBe(
        seasonedMapRoles.replace(terraform, "") + entry("dev", "dev", "intruders", "viewers"),
      );
    });
  });
}
