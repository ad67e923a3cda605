import { mkdirSync, rmSync, statSync } from "node:fs";
import { rm, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { progress } from "./partError.ts";

/** This repository's directory in the user's cache home; everything the parts script writes lies below it. */
export function cacheDirectory(): string {
  const { XDG_CACHE_HOME: configured } = process.env;
  // The XDG specification says to ignore relative paths.
  const home = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), ".cache");
  return join(home, "pulumi-aws-auth");
}

/** Removes `directory`, whatever it holds; one that is still being written to is left for the next run. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

const beatMs = 2_000;
const staleMs = 15_000;

/**
 * Runs `work` while no other process builds into this cache. The lock is a directory whose time its holder renews, not a process id:
 * a killed holder is noticed after 15 s, and that also holds for containers that share a cache but not their process ids.
 */
export async function withBuildLock<T>(work: () => Promise<T>): Promise<T> {
  const lock = join(cacheDirectory(), "build.lock");
  const release = (): void => rmSync(lock, { recursive: true, force: true });
  // It returns what it made: nothing where the directory was there.
  for (let isTold = false; mkdirSync(lock, { recursive: true }) === undefined; isTold = true) {
    const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > staleMs) {
      release();
    } else {
      if (!isTold) {
        progress(`another process is building into ${cacheDirectory()}; waiting for it`);
      }
      await delay(500);
    }
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => undefined);
  }, beatMs);
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    clearInterval(beat);
    release();
  }
}
