import { mkdirSync, rmSync, statSync } from "node:fs";
import { rm, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** This repository's directory in the user's cache home; the parts script writes only to it. */
export function cacheDirectory(): string {
  const { XDG_CACHE_HOME: configured } = process.env;
  // The XDG specification requires that relative paths are ignored.
  const home = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), ".cache");
  return join(home, "pulumi-aws-auth");
}

/** Removes `directory`; if it is still being written to, the next run removes it. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

const beatMs = 2_000;
const staleMs = 15_000;

/**
 * Runs `work` while no other process builds into this cache. The lock is a directory whose modification time its holder renews, not a
 * process id: a killed holder is detected after 15 s, also by containers that share a cache but not their process ids.
 */
export async function withBuildLock<T>(work: () => Promise<T>): Promise<T> {
  const lock = join(cacheDirectory(), "build.lock");
  const release = (): void => rmSync(lock, { recursive: true, force: true });
  // mkdirSync returns undefined if the directory exists.
  for (let isReported = false; mkdirSync(lock, { recursive: true }) === undefined; isReported = true) {
    const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > staleMs) {
      release();
    } else {
      if (!isReported) {
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

/** A part is not available: one line with the problem and the remedies; shown without a stack. */
export class PartError extends Error {
  override readonly name = "PartError";
}

/** Reports progress to the user, on stderr because stdout contains only the line of JSON. */
export function progress(text: string): void {
  process.stderr.write(`parts: ${text}\n`);
}
