import { cp, glob, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TestProject } from "../../support/engine/testProject.ts";
import type { PulumiName } from "../../support/parts/ensureParts.ts";
import { installedVersion } from "./installedVersion.ts";
import { npm, type PackageManager } from "./packageManagers.ts";
import { packInto } from "./tarball.ts";

/** What a consumer's project is made of. */
export interface InstalledProgramOptions {
  /** Default: npm. */
  readonly manager?: PackageManager;
  /** Versions other than those that this repository is developed with. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Which Pulumi runs it. Default: the newest. */
  readonly engine?: PulumiName;
  /** Packages of the project's own directory that it installs as tarballs, as from a company's registry. */
  readonly companyPackages?: readonly string[];
  /** Dependencies of the program itself that are left out; other packages of the directory keep theirs. */
  readonly without?: readonly string[];
}

/**
 * A Pulumi project of somebody else: a directory of `tests/consumers/programs`, with the packed package and all dependencies
 * installed by a package manager. The stack's map is `aws-auth.yaml` in the program's directory.
 *
 * In the package.json files of the directory a version `*` stands for the version that this repository has installed.
 */
export async function installProgram(name: string, options: InstalledProgramOptions = {}): Promise<TestProject> {
  const { manager = npm, versions = {}, engine = "pulumi", companyPackages = [], without = [] } = options;
  const project = await TestProject.create({ engine, config: { "aws-auth:manifest": "aws-auth.yaml" } });
  const { directory } = project;
  try {
    await rm(join(directory, "node_modules"), { recursive: true });
    await cp(join(programs, name), directory, { recursive: true });
    const { filename } = await packInto(directory);
    await rename(join(directory, filename), join(directory, "pulumi-aws-auth.tgz"));
    for await (const file of glob("**/package.json", { cwd: directory })) {
      await fillInVersions(join(directory, file), directory, versions, file === "package.json" ? without : []);
    }
    for (const company of companyPackages) {
      await packInto(directory, join(directory, company));
    }
    await manager.install(directory);
    return project.with(await manager.environment(directory));
  } catch (error) {
    await project.remove();
    throw error;
  }
}

const programs = join(dirname(fileURLToPath(import.meta.url)), "..", "programs");

async function fillInVersions(
  file: string,
  directory: string,
  versions: Readonly<Record<string, string>>,
  without: readonly string[],
): Promise<void> {
  const manifest: { dependencies?: Record<string, string> } = JSON.parse(await readFile(file, "utf8"));
  const wanted = Object.entries(manifest.dependencies ?? {})
    .filter(([name]) => !without.includes(name))
    .map(([name, version]) => [name, version === "*" ? (versions[name] ?? ownVersion(name, directory)) : version]);
  await writeFile(file, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(wanted) }, undefined, 2));
}

function ownVersion(name: string, directory: string): string {
  return name === "pulumi-aws-auth" ? `file:${join(directory, "pulumi-aws-auth.tgz")}` : installedVersion(name);
}
