import { readFileSync } from "node:fs";
import { cp, glob, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repository, TestProject } from "../engine/testProject.ts";
import type { PulumiName } from "../parts/recipes.ts";
import { npm, type PackageManager } from "./packageManagers.ts";
import { packInto } from "./packing.ts";

/** Options of a consumer's project. */
export interface InstalledProgramOptions {
  /** Default: npm. */
  readonly manager?: PackageManager;
  /** Versions that replace those of this repository. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The Pulumi that runs it. Default: the newest. */
  readonly engine?: PulumiName;
  /** Packages in the project's directory that are installed as tarballs, as from a private registry. */
  readonly companyPackages?: readonly string[];
  /** Dependencies that are removed from the program itself; other packages in the directory keep theirs. */
  readonly without?: readonly string[];
}

const { peerDependencies } = manifestIn(repository);

/** The lowest version of @pulumi/pulumi that the package supports. */
export const lowestPulumi = (peerDependencies?.["@pulumi/pulumi"] ?? "").replace("^", "");

/** That version, and the compiler for it. */
export const lowestVersions = { "@pulumi/pulumi": lowestPulumi, typescript: "^5.9.0" };

/**
 * A consumer's Pulumi project: a directory of `tests/package/consumers/programs`, with the packed package and all dependencies installed by
 * a package manager. The stack's map is `aws-auth.yaml` in the program's directory.
 *
 * In the package.json files of the directory, a version `*` is replaced by the version installed in this repository.
 */
export async function installProgram(name: string, options: InstalledProgramOptions = {}): Promise<TestProject> {
  const { manager = npm, versions = {}, engine = "pulumi", companyPackages = [], without = [] } = options;
  const project = await TestProject.create({ engine, config: { "aws-auth:manifest": "aws-auth.yaml" } });
  const { directory } = project;
  try {
    await rm(join(directory, "node_modules"), { recursive: true });
    await cp(join(repository, "tests", "package", "consumers", "programs", name), directory, { recursive: true });
    const { filename } = await packInto(directory);
    await rename(join(directory, filename), join(directory, "pulumi-aws-auth.tgz"));
    const given = { "pulumi-aws-auth": `file:${join(directory, "pulumi-aws-auth.tgz")}`, ...versions };
    for await (const file of glob("**/package.json", { cwd: directory })) {
      await fillInVersions(join(directory, file), given, file === "package.json" ? without : []);
    }
    for (const company of companyPackages) {
      await packInto(directory, join(directory, company));
    }
    return project.with(await manager(directory));
  } catch (error) {
    await project.remove();
    throw error;
  }
}

async function fillInVersions(
  file: string,
  given: Readonly<Record<string, string>>,
  without: readonly string[],
): Promise<void> {
  const manifest: Manifest = JSON.parse(await readFile(file, "utf8"));
  const wanted = Object.entries(manifest.dependencies ?? {})
    .filter(([name]) => !without.includes(name))
    .map(([name, version]) => [name, version === "*" ? (given[name] ?? installedVersion(name)) : version]);
  await writeFile(file, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(wanted) }, undefined, 2));
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function installedVersion(name: string): string {
  return manifestIn(join(repository, "node_modules", name)).version;
}

function manifestIn(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
}
