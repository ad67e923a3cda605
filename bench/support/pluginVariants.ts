import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transform } from "esbuild";
import { repository, TestProject } from "../../tests/support/engine/testProject.ts";
import { yamlProgram } from "../../tests/support/engine/yamlProgram.ts";
import { packedPlugin } from "../../tests/support/plugin/packedPlugin.ts";
import type { Bench } from "./bench.ts";
import { mappingNumber } from "./mappings.ts";

/** A project with a YAML program of mappings. */
export interface PluginProject {
  readonly project: TestProject;
  /** What the command line of its provider process has, and no other. */
  readonly process: string;
  /** Lets every hundredth mapping of the program say something else, as it does after a drift; or what it said before. */
  change(isChanged: boolean): Promise<void>;
}

/** Makes a project with a stack of its own, whose provider is the resource plugin in a directory. */
export async function pluginProject(
  bench: Bench,
  directory: string,
  count: number,
  config: Readonly<Record<string, string>> = {},
): Promise<PluginProject> {
  // The tests keep compiled code between runs by an environment variable; a user's runs do not.
  const project = await TestProject.create({ language: "yaml", config, env: { NODE_COMPILE_CACHE: undefined } });
  bench.onEnd(() => project.remove());
  const plugins = JSON.stringify({ providers: [{ name: "aws-auth", path: directory }] });
  const change = (isChanged: boolean) =>
    project.write("Pulumi.yaml", `name: test\nruntime: yaml\nplugins: ${plugins}\n${yamlProgramOf(count, isChanged)}`);
  await change(false);
  return { project, process: directory, change };
}

/** Unpacks the plugin as Pulumi installs it. @returns its directory. */
export async function releasedPlugin(bench: Bench): Promise<string> {
  const { directory, tarball, remove } = await packedPlugin();
  bench.onEnd(remove);
  const installed = join(directory, "installed");
  await mkdir(installed);
  execFileSync("tar", ["-xzf", tarball, "-C", installed]);
  return installed;
}

/** @param isChanged whether every hundredth mapping says something else than its number does. */
export function yamlProgramOf(count: number, isChanged: boolean): string {
  const mappings = Array.from({ length: count }, (_, index) => {
    const properties = { ...mappingNumber(index), ...(isChanged && index % 100 === 0 && { username: "changed" }) };
    return [`m${index}`, { properties }] as const;
  });
  return yamlProgram(Object.fromEntries(mappings));
}

/**
 * Makes the plugin that does nothing, with our schema.
 *
 * @param isRefreshing whether it asks the engine, as ours does, to refresh its resources before an update.
 * @returns its directory.
 */
export async function emptyPlugin(bench: Bench, isRefreshing: boolean): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "empty-plugin-"));
  bench.onEnd(() => rm(directory, { recursive: true, force: true }));
  await symlink(join(repository, "node_modules"), join(directory, "node_modules"));
  const source = await readFile(new URL("../plugin/emptyPlugin.ts", import.meta.url), "utf8");
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  await writeFile(join(directory, "main.mjs"), code);
  const { schema }: typeof import("../../provider/plugin/schema/index.ts") = createRequire(import.meta.url)(
    join(repository, "dist", "provider", "plugin", "schema", "index.js"),
  );
  await writeFile(join(directory, "schema.json"), JSON.stringify(schema("0.0.0")));
  const start = join(directory, "pulumi-resource-aws-auth");
  const how = isRefreshing ? "refreshed" : "unrefreshed";
  await writeFile(start, `#!/bin/sh\nexec node ${JSON.stringify(join(directory, "main.mjs"))} ${how} "$@"\n`);
  await chmod(start, 0o755);
  return directory;
}
