import { readFileSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { repository } from "../../support/engine/testProject.ts";
import { runCommand } from "./runCommand.ts";
import { packInto } from "./tarball.ts";

/**
 * Puts the packed package into the node_modules of `directory`, which it replaces, as npm would: its dependencies lie beside it,
 * and are links to those of its sources. It takes a second, where an installation takes ten.
 *
 * @param source the directory that is packed. Default: this repository.
 * @param others further packages that the program itself needs, and packages that come along anyway.
 */
export async function unpackInto(
  directory: string,
  source = repository,
  others: readonly string[] = [],
): Promise<void> {
  const modules = join(directory, "node_modules");
  const target = join(modules, "pulumi-aws-auth");
  await rm(modules, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const { filename } = await packInto(directory, source);
  await runCommand("tar", ["-xzf", filename, "-C", target, "--strip-components=1"], { cwd: directory });
  const manifest: { dependencies: object } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const dependencies = ["@pulumi/pulumi", ...Object.keys(manifest.dependencies)];
  for (const name of new Set([...dependencies, ...others].filter((wanted) => wanted !== "pulumi-aws-auth"))) {
    await mkdir(join(modules, name, ".."), { recursive: true });
    await symlink(join(source, "node_modules", name), join(modules, name));
  }
}
