import { fsync, lstatSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { waitFor } from "../../async/waiting";
import { AwsAuthError } from "../../errors";
import { errorCode, quoted } from "../../text/text";

/** The maximum length of a chain of symbolic links, as in Linux. */
const maxLinks = 40;

/**
 * Resolves symbolic links, also if the target does not exist. Two paths to the same file are the same manifest, and a write must
 * replace the file, not the link.
 */
export function realPathOf(path: string): string {
  let target = path;
  for (let followed = 0; followed < maxLinks; followed++) {
    const given = dirname(target);
    // One that does not exist or is not accessible stays as given. Reading or writing the file reports the error.
    const directory = tried(() => realpathSync.native(given)) ?? given;
    const real = join(directory, basename(target));
    const next = tried(() => readlinkSync(real));
    if (next === undefined) {
      return real;
    }
    target = resolve(directory, next);
  }
  return target;
}

function tried<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/**
 * A lock that was not updated for this long, in milliseconds, belongs to a dead process. A live process updates it twice as often.
 */
const staleAfter = 5_000;

/** How long to wait for other processes: much longer than `staleAfter`. */
const lockPatience = { total: 20_000, first: 10, most: 200 };

/**
 * Runs a function while holding a lock on a file. The lock is a directory next to the file that exists for the duration of one
 * write. It is next to the file so that it works for all users and containers that share the file.
 *
 * @param run receives a function that throws `conflict` if others took the lock over, as they do if this process stood still, for
 * example while a laptop slept
 * @throws AwsAuthError `clusterUnreachable` if other processes keep it locked, or if there is something else in its place.
 */
export async function withFileLock<T>(path: string, run: (assertHeld: () => void) => Promise<T>): Promise<T> {
  const release = await acquire(path);
  const own = lockAt(path);
  const isHeld = () => lockAt(path) === own;
  try {
    return await run(() => {
      if (!isHeld()) {
        throw new AwsAuthError("conflict", `the lock on manifest ${quoted(path)} was lost; run again`);
      }
    });
  } finally {
    // To release another's lock would let in a third. A lock that cannot be released becomes stale, and the function's result counts.
    if (isHeld()) {
      await release().catch(() => undefined);
    }
  }
}

/** Tells one lock on a file from the next, which may get the same inode. */
function lockAt(path: string): string | undefined {
  const lock = tried(() => lstatSync(lockOf(path), { bigint: true }));
  return lock && `${lock.ino} ${lock.birthtimeNs}`;
}

function lockOf(path: string): string {
  return `${path}.lock`;
}

/** The library's own retries would retry every error, such as a missing directory. Only a held lock is worth a retry. */
async function acquire(path: string): Promise<() => Promise<void>> {
  const { lock } = await import("proper-lockfile");
  let held: unknown;
  const release = await waitFor(async () => {
    try {
      // What is lost is noticed before the file is replaced.
      return await lock(path, { realpath: false, stale: staleAfter, onCompromised: () => undefined });
    } catch (error) {
      const code = errorCode(error);
      if (tried(() => lstatSync(lockOf(path)).isDirectory()) === false || code === "ENOTEMPTY") {
        throw new AwsAuthError(
          "clusterUnreachable",
          `manifest ${quoted(path)} cannot be locked: ${quoted(lockOf(path))} is not an empty directory, which a lock is; remove it`,
          { cause: error },
        );
      }
      if (code !== "ELOCKED") {
        throw error;
      }
      held = error;
      return undefined;
    }
  }, lockPatience);
  if (release === undefined) {
    throw new AwsAuthError(
      "clusterUnreachable",
      `manifest ${quoted(path)} is being written by other processes all the time; try again, and remove ${quoted(lockOf(path))} if no other process is running`,
      { cause: held },
    );
  }
  return release;
}

/** By file descriptor, since `sync` of the file handles of Yarn's Plug'n'Play throws "Method not implemented". */
const flush = promisify(fsync);

/**
 * Creates or replaces a file atomically: a concurrent reader sees the old or the new content, and so does a reader after a crash.
 * Keeps the file's permissions, and its owner and group as far as this user may.
 *
 * @param path not a symbolic link
 * @param assertUnchanged called just before the file is replaced; if it throws, the file stays as it is
 */
export async function replaceFile(
  path: string,
  content: Uint8Array,
  assertUnchanged: () => Promise<void>,
): Promise<void> {
  const directory = dirname(path);
  // In the same directory, since a rename is atomic only within a file system.
  const temporary = join(directory, `${temporaryPrefix(path)}${process.pid}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      const replaced = await statOf(path);
      if (replaced !== undefined) {
        // Not everybody may give a file away.
        await file.chown(replaced.uid, replaced.gid).catch(() => undefined);
        await file.chmod(replaced.mode & 0o7777);
      }
      await file.writeFile(content);
      await flush(file.fd);
    } finally {
      await file.close();
    }
    await assertUnchanged();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/**
 * Removes temporary files of processes that were killed during {@link replaceFile}. Only call it while holding the file's lock,
 * since it would remove the file of a running process as well.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const directory = dirname(path);
  const prefix = temporaryPrefix(path);
  // Replacing the file does not require permission to list the directory.
  for (const name of await readdir(directory).catch(() => [])) {
    if (name.startsWith(prefix) && /^\d+\.tmp$/.test(name.slice(prefix.length))) {
      await rm(join(directory, name), { force: true });
    }
  }
}

function temporaryPrefix(path: string): string {
  return `.${basename(path)}.`;
}

/** The owner and the permissions of a file; undefined if there is none. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}

/** Flushes the rename itself to disk. Not every file system supports it, and the content is safe without it. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, "r");
    await flush(handle.fd).finally(() => handle.close());
  } catch {
    // Windows does not support it for directories.
  }
}
