import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { isExecutable } from "./executables.ts";
import type { Recipe } from "./recipes.ts";

/** This repository's folder in the user's cache home; everything the parts script writes lies below it. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: configured } = process.env;
  // The XDG specification says to ignore relative paths.
  const home = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), ".cache");
  return join(home, "pulumi-aws-auth");
}

/** Where the finished programs of a recipe lie once they are built; the version is part of the name, so a new pin is a new entry. */
export function entryFolder(recipe: Recipe): string {
  return join(cacheFolder(), `${recipe.name}-${recipe.version}`);
}

/** Whether `folder` holds all `programs`. */
export function holdsAll(folder: string, programs: readonly string[]): boolean {
  return programs.every((program) => isExecutable(join(folder, program)));
}

/** A new empty folder on the cache's own file system, so that {@link publish} can rename it into place. */
export async function makeStagingFolder(name: string): Promise<string> {
  await mkdir(join(cacheFolder(), "staging"), { recursive: true });
  return mkdtemp(join(cacheFolder(), "staging", `${name}-`));
}

/** Removes what killed builds left behind. Only for the holder of the build lock. */
export async function clearStaging(): Promise<void> {
  await removeFolder(join(cacheFolder(), "staging"));
}

/** Removes `folder`, whatever it holds; one that is still being written to is left for the next run. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

/**
 * Makes the finished `staged` folder the entry `folder` in one step: whoever looks sees all programs or none.
 * When another process was first, its entry stays and ours is thrown away.
 */
export async function publish(staged: string, folder: string, programs: readonly string[]): Promise<void> {
  if (holdsAll(folder, programs)) return removeFolder(staged);
  const damaged = `${staged}-damaged`;
  // An entry that lost a file is moved away first, since a rename never replaces a folder with content.
  await rename(folder, damaged).catch(() => undefined);
  await rename(staged, folder);
  await removeFolder(damaged);
}
