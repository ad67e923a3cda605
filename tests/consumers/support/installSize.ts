import { readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { repository } from "../../support/engine/testProject.ts";
import type { PackedFile } from "./tarball.ts";

/** What the package may add to an installation of @pulumi/pulumi, in bytes on disk. */
export const mostAdded = 35 * 1024 * 1024;

/** Bytes on disk, as `du` counts them where a file system has blocks of 4 KiB, as nearly all have. */
const block = 4096;

/**
 * What a directory takes on disk, itself included.
 *
 * @param isLeftOut the names of directories directly inside that do not count.
 */
export async function diskSize(directory: string, isLeftOut: (name: string) => boolean = () => false): Promise<number> {
  let size = block;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && !isLeftOut(entry.name)) {
      size += await diskSize(path);
    } else if (entry.isFile()) {
      size += inBlocks((await stat(path)).size);
    }
  }
  return size;
}

/** What files take on disk once they are unpacked, with the directories that they are in. */
export function unpackedSize(files: readonly PackedFile[]): number {
  const directories = new Set(files.flatMap(({ path }) => directoriesOf(path)));
  return files.reduce((sum, { size }) => sum + inBlocks(size), directories.size * block);
}

function directoriesOf(path: string): string[] {
  const directory = dirname(path);
  return directory === "." ? [directory] : [directory, ...directoriesOf(directory)];
}

function inBlocks(size: number): number {
  return Math.ceil(size / block) * block;
}

/** A package-lock.json, by the directories of its packages; "" is the project itself. */
export type LockedPackages = Readonly<
  Record<string, { readonly [Kind in DependencyKind]?: Readonly<Record<string, string>> }>
>;

type DependencyKind = "dependencies" | "optionalDependencies";

/** The packages that this repository has installed. */
export function lockedPackages(): LockedPackages {
  const lock: { packages: LockedPackages } = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8"));
  return lock.packages;
}

/** The directories of the packages that come with the project's dependencies, and do not come with `base` anyway. */
export function addedPackages(locked: LockedPackages, base: string): string[] {
  const all = new Set<string>();
  for (const name of Object.keys(locked[""]?.dependencies ?? {})) {
    collect(locked, "", name, all);
  }
  const brought = new Set<string>();
  collect(locked, "", base, brought);
  return [...all].filter((directory) => !brought.has(directory));
}

/** Adds the directory of a package, as the one in `from` finds it, and those of all that it depends on. */
function collect(locked: LockedPackages, from: string, name: string, found: Set<string>): void {
  const directory = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
  const entry = locked[directory];
  if (entry === undefined) {
    // An optional dependency of another platform is in no directory.
    if (from !== "") {
      collect(locked, from.slice(0, Math.max(from.lastIndexOf("/node_modules/"), 0)), name, found);
    }
    return;
  }
  if (found.has(directory)) {
    return;
  }
  found.add(directory);
  for (const dependency of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    collect(locked, directory, dependency, found);
  }
}

/** All sizes together. */
export function total(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** What this package and the dependencies that it brings take on disk, by their directories; "" is the package itself. */
export async function addedSizes(files: readonly PackedFile[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map([["", unpackedSize(files)]]);
  for (const directory of addedPackages(lockedPackages(), "@pulumi/pulumi")) {
    sizes.set(directory, await diskSize(join(repository, directory), (name) => name === "node_modules"));
  }
  return sizes;
}
