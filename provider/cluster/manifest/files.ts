import { fsync, readlinkSync, realpathSync } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { AwsAuthError } from "../../errors";
import { errorCode, quoted } from "../../text";

/** How many symbolic links may lead to one another, as in Linux. */
const maxLinks = 40;

/**
 * The file that a path leads to through symbolic links, whether it is there or not: two paths to one file are one manifest, and a
 * write must replace the file, not a link to it.
 */
export function realPathOf(path: string): string {
  let target = path;
  for (let followed = 0; followed < maxLinks; followed++) {
    const directory = realDirectory(dirname(target));
    target = join(directory, basename(target));
    const next = linkAt(target);
    if (next === undefined) {
      break;
    }
    target = resolve(directory, next);
  }
  return target;
}

/** A directory that is not there, or may not be looked into, stays as it is spelt: whoever reads or writes the file is told. */
function realDirectory(path: string): string {
  return tried(() => realpathSync.native(path)) ?? path;
}

/** Where a link leads; undefined for anything else. */
function linkAt(path: string): string | undefined {
  return tried(() => readlinkSync(path));
}

function tried(find: () => string): string | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/**
 * A lock whose holder has not shown itself for so many milliseconds is a dead process's; a live one shows itself every half of it.
 */
const staleAfter = 5_000;

/** How long to wait for others, in milliseconds: a good deal longer than a dead process's lock lasts. */
const waitLimit = 20_000;

/** Pauses between tries grow to so many milliseconds; each is random between half and all of it. */
const maxPause = 200;

/**
 * Runs something while no other process does on the same file. The lock is a directory beside the file that exists for the length of
 * one write; beside it, so that it holds for all users, containers and temporary directories that the file is shared among.
 *
 * @param run is given a function that throws `conflict` when the lock has been lost, for example to a laptop's sleep
 * @throws AwsAuthError `clusterUnreachable` when others keep it locked.
 */
export async function withFileLock<T>(path: string, run: (assertHeld: () => void) => Promise<T>): Promise<T> {
  let lost: Error | undefined;
  const release = await acquire(path, (error) => {
    lost = error;
  });
  try {
    return await run(() => {
      if (lost !== undefined) {
        throw new AwsAuthError("conflict", `the lock on manifest ${quoted(path)} was lost; run again`, { cause: lost });
      }
    });
  } finally {
    if (lost === undefined) {
      // What was run counts; a lock that stays behind is taken over as a dead process's.
      await release().catch(() => undefined);
    }
  }
}

/**
 * The library's own retries would retry after every error, a missing directory among them; only a lock that is held is worth waiting
 * for.
 */
async function acquire(path: string, onCompromised: (error: Error) => void): Promise<() => Promise<void>> {
  const { lock } = await import("proper-lockfile");
  const end = performance.now() + waitLimit;
  for (let pause = 10; ; pause = Math.min(maxPause, pause * 1.5)) {
    try {
      return await lock(path, { realpath: false, stale: staleAfter, onCompromised });
    } catch (error) {
      if (errorCode(error) !== "ELOCKED") {
        throw error;
      }
      if (performance.now() > end) {
        throw new AwsAuthError(
          "clusterUnreachable",
          `manifest ${quoted(path)} is being written by other processes all the time; try again, and remove ${quoted(`${path}.lock`)} if no other process is running`,
          { cause: error },
        );
      }
    }
    await setTimeout(pause * (0.5 + Math.random() / 2));
  }
}

/** By number, since the file handles of Yarn's Plug'n'Play have no `sync`: it throws "Method not implemented". */
const flush = promisify(fsync);

/**
 * Replaces a file, or makes it, in one step: whoever reads it meanwhile gets the old content or the new, and a crash leaves one of
 * the two. Its permissions stay.
 *
 * @param path must not be a symbolic link
 */
export async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  const directory = dirname(path);
  // In the same directory, since a rename is one step only within a file system.
  const temporary = join(directory, `${temporaryPrefix(path)}${process.pid}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      const mode = await modeOf(path);
      if (mode !== undefined) {
        await file.chmod(mode);
      }
      await file.writeFile(content);
      await flush(file.fd);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/**
 * Removes what processes that were killed in the middle of {@link replaceFile} have left beside a file. Only for whoever holds the
 * file's lock: a living process's file would go as well.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const directory = dirname(path);
  const prefix = temporaryPrefix(path);
  // Whoever may not list the directory may still replace the file.
  for (const name of await readdir(directory).catch(() => [])) {
    if (name.startsWith(prefix) && /^\d+\.tmp$/.test(name.slice(prefix.length))) {
      await rm(join(directory, name), { force: true });
    }
  }
}

function temporaryPrefix(path: string): string {
  return `.${basename(path)}.`;
}

async function modeOf(path: string): Promise<number | undefined> {
  const stats = await ifThere(stat(path));
  return stats === undefined ? undefined : stats.mode & 0o7777;
}

async function ifThere<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Makes the rename itself last; not every file system can, and the content is safe without it. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, "r");
    await flush(handle.fd).finally(() => handle.close());
  } catch {
    // Windows has no such thing for directories.
  }
}
