import { readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { repository } from "../../support/engine/testProject.ts";
import type { PackedFile } from "./tarball.ts";

/** What the package may add to an installation of @pulumi/pulumi, in bytes on disk. */
export const mostAdded = 25 * 1024 * 1024;

/** Bytes on disk, as `du` counts them where a file system has blocks of 4 KiB, as nearly all have. */
const block = 4096;

/**
 * What a folder takes on disk, itself included.
 *
 * @param isLeftOut the names of folders directly inside that do not count.
 */
export async function diskSize(folder: string, isLeftOut: (name: string) => boolean = () => false): Promise<number> {
  let size = block;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !isLeftOut(entry.name)) {
      size += await diskSize(path);
    } else if (entry.isFile()) {
      size += inBlocks((await stat(path)).size);
    }
  }
  return size;
}

/** What files take on disk once they are unpacked, with the folders that they are in. */
export function unpackedSize(files: readonly PackedFile[]): number {
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  return files.reduce((sum, { size }) => sum + inBlocks(size), folders.size * block);
}

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === "." ? [folder] : [folder, ...foldersOf(folder)];
}

function inBlocks(size: number): number {
  return Math.ceil(size / block) * block;
}

/** A package-lock.json, by the folders of its packages; "" is the project itself. */
export type LockedPackages = Readonly<
  Record<string, { readonly [Kind in DependencyKind]?: Readonly<Record<string, string>> }>
>;

type DependencyKind = "dependencies" | "optionalDependencies";

/** The packages that this repository has installed. */
export function lockedPackages(): LockedPackages {
  const lock: { packages: LockedPackages } = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8"));
  return lock.packages;
}

/** The folders of the packages that come with the project's dependencies, and do not come with `base` anyway. */
export function addedPackages(locked: LockedPackages, base: string): string[] {
  const all = new Set<string>();
  for (const name of Object.keys(locked[""]?.dependencies ?? {})) {
    collect(locked, "", name, all);
  }
  const brought = new Set<string>();
  collect(locked, "", base, brought);
  return [...all].filter((folder) => !brought.has(folder));
}

/** Adds the folder of a package, as the one in `from` finds it, and those of all that it depends on. */
function collect(locked: LockedPackages, from: string, name: string, found: Set<string>): void {
  const folder = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
  const entry = locked[folder];
  if (entry === undefined) {
    // An optional dependency of another platform is in no folder.
    if (from !== "") collect(locked, from.slice(0, Math.max(from.lastIndexOf("/node_modules/"), 0)), name, found);
    return;
  }
  if (found.has(folder)) return;
  found.add(folder);
  for (const dependency of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    collect(locked, folder, dependency, found);
  }
}

/** All sizes together. */
export function total(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** What this package and the dependencies that it brings take on disk, by their folders; "" is the package itself. */
export async function addedSizes(files: readonly PackedFile[]): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map([["", unpackedSize(files)]]);
  for (const folder of addedPackages(lockedPackages(), "@pulumi/pulumi")) {
    sizes.set(folder, await diskSize(join(repository, folder), (name) => name === "node_modules"));
  }
  return sizes;
}
