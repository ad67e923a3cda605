import { execFileSync, spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readBlock } from "../../support/docs/markdown.ts";
import { manifestOf, seasonedData, splitClaims } from "../../support/engine/manifest.ts";
import { repository } from "../../support/engine/testProject.ts";
import { entry, iam } from "../../support/migration/world.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { type PackedPlugin, packedPlugin } from "../../support/plugin/packedPlugin.ts";
import { PluginProcess, responseIn } from "../../support/plugin/pluginProcess.ts";

describe("the packed plugin, installed with the commands of docs/other-languages.md, without Node.js on PATH", () => {
  let packed: PackedPlugin;
  let directory: string;
  let env: Readonly<Record<string, string | undefined>>;

  beforeAll(async () => {
    packed = await packedPlugin();
    directory = join(packed.directory, "access");
    await mkdir(join(directory, "state"), { recursive: true });
    for (const file of [packed.tarball, join(packed.directory, "SHA256SUMS")]) {
      await copyFile(file, join(directory, basename(file)));
    }
    const parts = await ensureParts(["pulumi", "pulumi-language-yaml"]);
    // Only what the page uses, since Debian's Node.js is beside its other programs.
    const programs = join(directory, "bin");
    await mkdir(programs);
    for (const name of ["cat", "sha256sum"]) {
      await symlink(join("/usr/bin", name), join(programs, name));
    }
    env = {
      ...process.env,
      PATH: [parts.pulumi.directory, parts["pulumi-language-yaml"].directory, programs].join(delimiter),
      PULUMI_HOME: join(directory, ".pulumi-home"),
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_CONFIRMATIONS: "true",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  });
  afterAll(() => packed?.remove());

  /** Runs lines in the user's directory, until one fails. */
  function paste(lines: string): { readonly code: number | null; readonly output: string } {
    const script = lines
      .replace("pulumi login --local", 'pulumi login "file://$PWD/state"')
      .replaceAll("npx pulumi-aws-auth", `${process.execPath} ${join(repository, "dist", "cli", "main.js")}`);
    const { status, stdout, stderr } = spawnSync("/bin/bash", ["-ec", script], {
      cwd: directory,
      env,
      encoding: "utf8",
    });
    return { code: status, output: stdout + stderr };
  }

  it("previews the YAML program of the page, and imports an existing map", async () => {
    expect(paste(await readBlock("docs/other-languages.md", "sha256sum"))).toMatchObject({ code: 0 });
    const preview = paste(await readBlock("docs/other-languages.md", "runtime: yaml"));
    expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 to create") });
    expect(preview.output).toContain('username: "developer:{{SessionName}}"');
    const own = /^warning: using pulumi-language-yaml from .*$/gm;
    expect(preview.output.replace(own, "")).not.toMatch(/warning/i);

    const { mapRoles, ...others } = seasonedData;
    const several = ["old", "new"].map((name) => entry(iam("role/several"), name)).join("");
    const map = manifestOf({ ...others, mapRoles: mapRoles + several });
    await writeFile(join(directory, "aws-auth.yaml"), map);
    const imported = paste(await readBlock("docs/other-languages.md", "-o pulumi-import"));
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("= 5 imported") });
    const [resources = ""] = /^resources:\n( {2}.*\n)+/m.exec(imported.output) ?? [];
    await writeFile(join(directory, "Pulumi.yaml"), `name: access-yaml\nruntime: yaml\n${resources}`);
    expect(paste("pulumi up")).toMatchObject({ code: 0, output: expect.stringContaining("~ 5 updated") });
    expect(splitClaims(await readFile(join(directory, "aws-auth.yaml"), "utf8"))).toEqual({ text: map, claims: 5 });
    expect(paste("pulumi state unprotect --all; pulumi destroy")).toMatchObject({ code: 0 });
  });

  it("needs no npm package next to it", async () => {
    const [executable = ""] = globSync(join(directory, ".pulumi-home/plugins/resource-*/pulumi-resource-aws-auth"));
    const plugin = await PluginProcess.start(directory, { NODE_OPTIONS: "--require=/missing.js" }, [executable]);
    onTestFinished(() => plugin.stop());
    const response = responseIn("getSchema", await plugin.ask("getSchema"));
    expect(JSON.parse(response.getSchema())).toMatchObject({ name: "aws-auth" });
  });

  it("includes a CycloneDX list of its components, and the text of each license", async () => {
    const read = (name: string) => readFile(join(packed.directory, name), "utf8");
    const { components, ...document } = JSON.parse(await read("sbom.cdx.json"));
    expect(document).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      metadata: { component: { type: "application", name: "pulumi-resource-aws-auth" } },
    });
    const [node, ...packages] = components;
    expect(node).toMatchObject({ type: "platform", name: "node", version: process.versions.node });
    const openssl = { type: "library", name: "openssl", version: process.versions.openssl };
    expect(node.components).toContainEqual(openssl);
    const names = packages.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(["@aws-sdk/client-eks", "@pulumi/pulumi", "google-protobuf", "yaml"]));
    expect(new Set(packages.map((component: object) => Reflect.get(component, "bom-ref"))).size).toBe(packages.length);

    execFileSync("tar", ["-xzf", packed.tarball, "-C", packed.directory, "THIRD-PARTY-LICENSES"]);
    const texts = (await read("THIRD-PARTY-LICENSES")).split(`\n\n${"-".repeat(80)}\n\n`);
    expect(texts.pop()).toMatch(/^Node\.js v[\d.]+\n[\s\S]+Permission is hereby granted/);
    for (const { type, name, version, licenses } of packages) {
      expect(type).toBe("library");
      const [title, ...text] = texts.shift()?.split("\n") ?? [];
      expect(title).toBe(`${name} ${version}: ${licenses[0].expression}`);
      expect(text.join("\n"), title).toMatch(
        /Permission to use|Permission is hereby granted|Redistribution and use|Apache License/,
      );
    }
    expect(texts).toEqual([]);
  });
});

describe("the start script of the npm package", () => {
  const program = join(repository, "plugin", "pulumi-resource-aws-auth");
  const start = (env: Readonly<Record<string, string | undefined>>) => spawnSync(program, { env, encoding: "utf8" });

  it("reports the required Node.js version if there is no Node.js", () => {
    expect(start({ PATH: "/nonexistent" })).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "pulumi-resource-aws-auth requires Node.js 22 (22.21 or later), or 24.5 or later, on PATH\n",
    });
  });

  it("reports the required Node.js version if Node.js is too old", async () => {
    const old = join(await mkdtemp(join(tmpdir(), "aws-auth-old-")), "old.cjs");
    onTestFinished(() => rm(dirname(old), { recursive: true }));
    await writeFile(old, 'Object.defineProperty(process.versions, "node", { value: "20.1.0" });\n');
    const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
    expect(start({ PATH, NODE_OPTIONS: `--require=${old}` })).toMatchObject({
      status: 1,
      stdout: "",
      stderr:
        "pulumi-aws-auth requires Node.js 22 (22.21 or later), or 24.5 or later, but this is 20.1.0; update Node.js\n",
    });
  });
});
