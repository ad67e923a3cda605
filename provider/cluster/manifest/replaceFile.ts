import { fsync } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { errorCode } from "../text";

/** By number, since the file handles of Yarn's Plug'n'Play have no `sync`: it throws "Method not implemented". */
const flush = promisify(fsync);

/**
 * Replaces a file, or makes it, in one step: whoever reads it meanwhile gets the old content or the new, and a crash leaves one of
 * the two. Its permissions stay.
 *
 * @param path must not be a symbolic link
 */
export async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  const folder = dirname(path);
  // In the same folder, since a rename is one step only within a file system.
  const temporary = join(folder, `${temporaryPrefix(path)}${process.pid}.tmp`);
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
  await syncFolder(folder);
}

/**
 * Removes what processes that were killed in the middle of {@link replaceFile} have left beside a file. Only for whoever holds the
 * file's lock: a living process's file would go as well.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = temporaryPrefix(path);
  // Whoever may not list the folder may still replace the file.
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.startsWith(prefix) && /^\d+\.tmp$/.test(name.slice(prefix.length))) {
      await rm(join(folder, name), { force: true });
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
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    await flush(handle.fd).finally(() => handle.close());
  } catch {
    // Windows has no such thing for folders.
  }
}
