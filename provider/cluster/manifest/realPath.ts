import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** How many symbolic links may lead to one another, as in Linux. */
const maxLinks = 40;

/**
 * The file that a path leads to through symbolic links, whether it is there or not: two paths to one file are one manifest, and a
 * write must replace the file, not a link to it.
 */
export function realPathOf(path: string): string {
  let target = path;
  for (let followed = 0; followed < maxLinks; followed++) {
    const folder = realFolder(dirname(target));
    target = join(folder, basename(target));
    const next = linkAt(target);
    if (next === undefined) {
      break;
    }
    target = resolve(folder, next);
  }
  return target;
}

/** A folder that is not there, or may not be looked into, stays as it is spelt: whoever reads or writes the file is told. */
function realFolder(path: string): string {
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
