import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readBlock } from "../../support/docs/markdown.ts";
import { manifestOf, seasonedData, splitClaims } from "../../support/engine/manifest.ts";
import { repository } from "../../support/engine/testProject.ts";
import { entry, iam } from "../../support/migration/world.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { type PackedPlugin, packedPlugin } from "../../support/plugin/packedPlugin.ts";
import { PluginProcess, responseIn } from "../../support/plugin/pluginProcess.ts";

describe("the packed plugin, installed with the commands of docs/other-languages.md", () => {
  let packed: PackedPlugin;
  let directory: string;
  let env: Readonly<Record<string, string | undefined>>;

  beforeAll(async () => {
    packed = await packedPlugin();
    directory = join(packed.directory, "access");
    await mkdir(join(directory, "state"), { recursive: true });
    await copyFile(packed.tarball, join(directory, basename(packed.tarball)));
    const parts = await ensureParts(["pulumi", "pulumi-language-yaml"]);
    const programs = [parts.pulumi.directory, parts["pulumi-language-yaml"].directory, dirname(process.execPath)];
    env = {
      ...process.env,
      PATH: [...programs, process.env["PATH"]].join(delimiter),
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
      .replaceAll("npx pulumi-aws-auth", `node ${join(repository, "dist", "cli", "main.js")}`);
    const { status, stdout, stderr } = spawnSync("/bin/bash", ["-ec", script], {
      cwd: directory,
      env,
      encoding: "utf8",
    });
    return { code: status, output: stdout + stderr };
  }

  it("previews the YAML program of the page, and imports an existing map", async () => {
    expect(paste(await readBlock("docs/other-languages.md", "pulumi plugin install"))).toMatchObject({ code: 0 });
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

  it("is started by Pulumi's language host from its folder, as on Windows", async () => {
    const [folder = ""] = globSync(join(directory, ".pulumi-home/plugins/resource-*/"));
    const runner = join(folder, "node_modules", "@pulumi", "pulumi", "cmd", "run-plugin");
    const plugin = await PluginProcess.start(directory, {}, [process.execPath, runner, folder, "127.0.0.1:1"]);
    onTestFinished(() => plugin.stop());
    const response = responseIn("getSchema", await plugin.ask("getSchema"));
    expect(JSON.parse(response.getSchema())).toMatchObject({ name: "aws-auth" });
  });

  describe("the start script", () => {
    const start = (of: Readonly<Record<string, string>>) =>
      spawnSync(join(packed.folder, "pulumi-resource-aws-auth"), { env: of, encoding: "utf8" });

    it("reports the required Node.js version if there is no Node.js", () => {
      expect(start({ PATH: "/nonexistent" })).toMatchObject({
        status: 1,
        stdout: "",
        stderr: "pulumi-resource-aws-auth requires Node.js 22 (22.21 or newer), or 24.5 or newer, on PATH\n",
      });
    });

    it("reports the required Node.js version if Node.js is too old", async () => {
      const old = join(packed.directory, "old.cjs");
      await writeFile(old, 'Object.defineProperty(process.versions, "node", { value: "20.1.0" });\n');
      const installed = join(directory, ".pulumi-home", "plugins");
      const script = `exec "${installed}"/resource-aws-auth-v*/pulumi-resource-aws-auth`;
      const { status, stdout, stderr } = spawnSync("/bin/bash", ["-c", script], {
        env: { ...env, NODE_OPTIONS: `--require=${old}` },
        encoding: "utf8",
      });
      expect({ status, stdout, stderr }).toEqual({
        status: 1,
        stdout: "",
        stderr:
          "pulumi-aws-auth requires Node.js 22 (22.21 or newer), or 24.5 or newer, but this is 20.1.0; update Node.js\n",
      });
    });
  });
});
