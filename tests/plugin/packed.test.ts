import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packPlugin } from "../../scripts/plugin/pack.ts";
import { isPermissive } from "../consumers/support/licenses.ts";
import { readBlock } from "../support/docs/markdown.ts";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { repository } from "../support/engine/testProject.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";
import { type PackedPlugin, packedPlugin } from "../support/plugin/packedPlugin.ts";
import { unfolded } from "../support/unfolded.ts";

describe("the packed plugin, for who has only Pulumi, node and docs/other-languages.md", () => {
  let packed: PackedPlugin;
  /** Holds node, and what the page's lines are typed with. */
  let bin: string;
  let directory: string;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    packed = await packedPlugin();
    bin = join(packed.directory, "bin");
    directory = join(packed.directory, "access");
    await mkdir(bin);
    await mkdir(join(directory, "state"), { recursive: true });
    await symlink(process.execPath, join(bin, "node"));
    await symlink("/bin/cat", join(bin, "cat"));
    await symlink(packed.tarball, join(directory, packed.tarball.slice(packed.directory.length + 1)));
    const parts = await ensureParts(["pulumi", "pulumi-language-yaml"]);
    env = {
      PATH: [parts.pulumi.directory, parts["pulumi-language-yaml"].directory, bin].join(delimiter),
      HOME: directory,
      PULUMI_HOME: join(directory, ".pulumi-home"),
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_CONFIRMATIONS: "true",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  });
  afterAll(() => packed?.remove());

  /** Runs lines in the user's directory, until one fails. */
  function paste(lines: string): { readonly code: number | null; readonly raw: string; readonly output: string } {
    const script = lines
      .replace("pulumi login --local", 'pulumi login "file://$PWD/state"')
      .replaceAll("npx pulumi-aws-auth", `node ${join(repository, "dist", "cli", "main.js")}`);
    const { status, stdout, stderr } = spawnSync("/bin/bash", ["-ec", script], {
      cwd: directory,
      env,
      encoding: "utf8",
    });
    return { code: status, raw: stdout + stderr, output: unfolded(stdout + stderr) };
  }

  const read = (name: string) => readFile(join(directory, name), "utf8");

  it("has with the page's lines a first preview in YAML, and takes over a map that is there", async () => {
    expect(paste(await readBlock("docs/other-languages.md", "pulumi plugin install"))).toMatchObject({ code: 0 });
    const preview = paste(await readBlock("docs/other-languages.md", "runtime: yaml"));
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 to create") });
    expect(preview.raw).toContain('username: "developer:{{SessionName}}"');
    const own = /^warning: using pulumi-language-yaml from .*$/gm;
    expect(preview.output.replace(own, "")).not.toMatch(/warning/i);

    const map = manifestOf(seasonedData);
    await writeFile(join(directory, "aws-auth.yaml"), map);
    const imported = paste(await readBlock("docs/other-languages.md", "-o pulumi-import"));
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 5 imported") });
    const [code = ""] = /^resources:\n( {2}.*\n)+/m.exec(imported.raw) ?? [];
    await writeFile(join(directory, "Pulumi.yaml"), `name: access-yaml\nruntime: yaml\n${code}`);
    expect(paste("pulumi preview --expect-no-changes")).toMatchObject({ code: 0 });
    expect(await read("aws-auth.yaml")).toBe(map);
  });

  it("has a schema in which Pulumi finds nothing wrong", async () => {
    expect(paste("pulumi schema check aws-auth")).toMatchObject({ code: 0, raw: "" });
    const schema = paste("pulumi package get-schema aws-auth");
    expect(schema.code).toBe(0);
    const { version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
    expect(JSON.parse(schema.raw)).toMatchObject({ name: "aws-auth", version });
  });

  it("is the same for each system, and the same again", async () => {
    const again = await packPlugin(repository, join(packed.directory, "again"));
    const { version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
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

  it("is small, since it has nothing of the SDK that only programs need", async () => {
    expect((await readFile(packed.tarball)).length).toBeLessThan(800_000);
  });

  it("has the licenses of what it contains, all of them permissive", async () => {
    const names = packed.packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["@grpc/grpc-js", "google-protobuf", "@aws-sdk/client-eks", "yaml"]));
    expect(packed.packages.filter(({ license }) => !isPermissive(license))).toEqual([]);
    const notices = await readFile(join(packed.folder, "THIRD-PARTY-NOTICES"), "utf8");
    for (const { name, version, license } of packed.packages) {
      expect(notices).toContain(`- ${name} ${version} (${license})\n`);
    }
    expect(notices).toContain("Redistribution and use in source and binary forms");
  });

  describe("its start script", () => {
    const start = (of: Readonly<Record<string, string>>) =>
      spawnSync(join(packed.folder, "pulumi-resource-aws-auth"), { env: of, encoding: "utf8" });

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
