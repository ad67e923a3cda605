import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packPlugin } from "../../scripts/plugin/pack.ts";
import { isPermissive } from "../consumers/support/licenses.ts";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";
import { yamlProgram } from "../support/engine/yamlProgram.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";
import { type PackedPlugin, packedPlugin } from "../support/plugin/packedPlugin.ts";

const type = "aws-auth:index:IdentityMapping";
const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers"] };
const ci = "arn:aws:iam::111122223333:role/ci";

describe("the packed plugin", () => {
  let packed: PackedPlugin;
  let version: string;
  /** Holds node, and nothing else. */
  let bin: string;
  let project: TestProject;

  beforeAll(async () => {
    packed = await packedPlugin();
    ({ version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")));
    bin = join(packed.directory, "bin");
    await mkdir(bin);
    await symlink(process.execPath, join(bin, "node"));
    const parts = await ensureParts(["pulumi", "pulumi-language-yaml"]);
    const path = [parts.pulumi.directory, parts["pulumi-language-yaml"].directory, bin];
    project = await TestProject.create({
      language: "yaml",
      packedPlugin: packed.tarball,
      config: { "aws-auth:manifest": "aws-auth.yaml" },
      env: { PATH: path.join(delimiter), NODE_COMPILE_CACHE: undefined },
    });
    // Of what other tests have there, nothing is needed.
    await rm(join(project.directory, "node_modules"), { recursive: true });
    await rm(join(project.directory, "package.json"));
    await project.write("aws-auth.yaml", manifestOf(seasonedData));
  });
  afterAll(async () => {
    await project?.remove();
    await packed?.remove();
  });

  it("runs YAML programs and imports for who has node and Pulumi alone", async () => {
    await project.program(yamlProgram({ dev: { properties: dev } }));
    const preview = await project.preview();
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 to create") });
    expect(preview.output.replace(/^warning: using pulumi-language-yaml from .*$/gm, "")).not.toMatch(/warning/i);
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 created") });
    expect(await project.read("aws-auth.yaml")).toContain(dev.arn);
    const imported = await project.pulumi("import", type, "ci", ci, "--yes", "--skip-preview");
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining(`arn: ${ci}`) });
  });

  it("has a schema in which Pulumi finds nothing wrong", async () => {
    expect(await project.cli("schema", "check", "aws-auth")).toMatchObject({ code: 0, raw: "" });
    const schema = await project.cli("package", "get-schema", "aws-auth");
    expect(schema.code).toBe(0);
    expect(JSON.parse(schema.raw)).toMatchObject({ name: "aws-auth", version });
  });

  it("is the same for each system, and the same again", async () => {
    const again = await packPlugin(repository, join(packed.directory, "again"));
    expect(again.tarballs).toEqual(
      ["darwin", "linux", "windows"].flatMap((system) =>
        ["amd64", "arm64"].map((arch) => `pulumi-resource-aws-auth-v${version}-${system}-${arch}.tar.gz`),
      ),
    );
    const sum = createHash("sha256")
      .update(await readFile(packed.tarball))
      .digest("hex");
    const sums = again.tarballs.map((name) => `${sum}  ${name}\n`).join("");
    expect(await readFile(join(packed.directory, "again", "SHA256SUMS"), "utf8")).toBe(sums);
    const { status, stderr } = spawnSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], {
      cwd: packed.directory,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("has the licenses of what it contains, all of them permissive", async () => {
    const names = packed.packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["@grpc/grpc-js", "google-protobuf", "@aws-sdk/client-eks", "yaml"]));
    expect(packed.packages.filter(({ license }) => !isPermissive(license))).toEqual([]);
    const notices = await readFile(join(packed.folder, "THIRD-PARTY-NOTICES"), "utf8");
    for (const { name, version: bundled, license } of packed.packages) {
      expect(notices).toContain(`- ${name} ${bundled} (${license})\n`);
    }
    expect(notices).toContain("Redistribution and use in source and binary forms");
  });

  describe("its start script", () => {
    const start = (env: Readonly<Record<string, string>>) =>
      spawnSync(join(packed.folder, "pulumi-resource-aws-auth"), {
        env,
        encoding: "utf8",
      });

    it("says which Node.js it needs where there is none", () => {
      expect(start({ PATH: "/nonexistent" })).toMatchObject({
        status: 1,
        stdout: "",
        stderr: "pulumi-resource-aws-auth needs Node.js 22.19 or newer on PATH\n",
      });
    });

    it("says which Node.js it needs where it is too old", async () => {
      const old = join(packed.directory, "old.cjs");
      await writeFile(old, 'Object.defineProperty(process.versions, "node", { value: "20.1.0" });\n');
      expect(start({ PATH: bin, NODE_OPTIONS: `--require=${old}` })).toMatchObject({
        status: 1,
        stdout: "",
        stderr: "pulumi-aws-auth needs Node.js 22.19 or newer, and this is 20.1.0; update Node.js\n",
      });
    });
  });
});
