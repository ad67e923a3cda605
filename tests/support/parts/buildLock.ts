import { rmSync } from "node:fs";
import { mkdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cacheDirectory } from "./cacheDirectory.ts";
import { progress } from "./progress.ts";

const beatMs = 2_000;
const staleMs = 15_000;

/**
 * Runs `work` while no other process builds into this cache. The lock is a directory whose time its holder renews, not a process id:
 * a killed holder is noticed after 15 s, and that also holds for containers that share a cache but not their process ids.
 * It only saves work; that no entry is ever half-written is up to the rename in `publish`.
 */
export async function withBuildLock<T>(work: () => Promise<T>): Promise<T> {
  const lock = join(cacheDirectory(), "build.lock");
  await mkdir(cacheDirectory(), { recursive: true });
  await acquire(lock);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => undefined);
  }, beatMs);
  const release = (): void => rmSync(lock, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    clearInterval(beat);
    release();
  }
}

async function acquire(lock: string): Promise<void> {
  let told = false;
  while (!(await make(lock))) {
    const age = await ageOf(lock);
    if (age !== undefined && age > staleMs) {
      await rm(lock, { recursive: true, force: true });
      continue;
    }
    if (!told) {
      progress(`another process is building into ${cacheDirectory()}; waiting for it`);
    }
    told = true;
    await delay(500);
  }
}

async function make(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

async function ageOf(lock: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs;
  } catch {
    // Gone in between: the next attempt to make it decides.
    return undefined;
  }
}
