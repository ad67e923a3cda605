import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { isExecutable } from "./executables.ts";
import type { Recipe } from "./recipes.ts";

/** This repository's directory in the user's cache home; everything the parts script writes lies below it. */
export function cacheDirectory(): string {
  const { XDG_CACHE_HOME: configured } = process.env;
  // The XDG specification says to ignore relative paths.
  const home = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), ".cache");
  return join(home, "pulumi-aws-auth");
}

/** Where the finished programs of a recipe lie once they are built; the version is part of the name, so a new pin is a new entry. */
export function entryDirectory(recipe: Recipe): string {
  return join(cacheDirectory(), `${recipe.name}-${recipe.version}`);
}

/** Whether `directory` holds all `programs`. */
export function holdsAll(directory: string, programs: readonly string[]): boolean {
  return programs.every((program) => isExecutable(join(directory, program)));
}

/** A new empty directory on the cache's own file system, so that {@link publish} can rename it into place. */
export async function makeStagingDirectory(name: string): Promise<string> {
  await mkdir(join(cacheDirectory(), "staging"), { recursive: true });
  return mkdtemp(join(cacheDirectory(), "staging", `${name}-`));
}

/** Removes what killed builds left behind. Only for the holder of the build lock. */
export async function clearStaging(): Promise<void> {
  await removeDirectory(join(cacheDirectory(), "staging"));
}

/** Removes `directory`, whatever it holds; one that is still being written to is left for the next run. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

/**
 * Makes the finished `staged` directory the entry `directory` atomically: other processes see all programs or none.
 * When another process was first, its entry stays and ours is thrown away.
 */
export async function publish(staged: string, directory: string, programs: readonly string[]): Promise<void> {
  if (holdsAll(directory, programs)) {
    return removeDirectory(staged);
  }
  const damaged = `${staged}-damaged`;
  // An entry that lost a file is moved away first, since a rename never replaces a directory with content.
  await rename(directory, damaged).catch(() => undefined);
  await rename(staged, directory);
  await removeDirectory(damaged);
}
