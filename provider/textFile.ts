import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { maxTextBytes } from "./yaml/tokens";

// Opening a pipe without a writer would block forever.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a whole small file, as are all files that this package reads. Refuses pipes, devices and very large files, which could be
 * read forever.
 *
 * @throws Node's errors, and errors with the codes `EISDIR`, `EFBIG` and `ENOTFILE` in the same form.
 */
export async function readSmallFile(path: string): Promise<Buffer> {
  const handle = await open(path, flags);
  try {
    assertSmallFile(await handle.stat());
    return assertSmall(await handle.readFile());
  } finally {
    await handle.close();
  }
}

/** The same, synchronously: for constructors, and for files that are read often. */
export function readSmallFileSync(path: string): Buffer {
  const file = openSync(path, flags);
  try {
    assertSmallFile(fstatSync(file));
    return assertSmall(readFileSync(file));
  } finally {
    closeSync(file);
  }
}

/** Describes why {@link readSmallFile} refuses a file; undefined for any other error. */
export function describeFileRefusal(code: string | undefined): string | undefined {
  return code === undefined ? undefined : refusals.get(code);
}

const refusals: ReadonlyMap<string, string> = new Map([
  ["EISDIR", "it is a directory"],
  ["ENOTFILE", "it is a pipe or a device, not a file"],
  ["EFBIG", `it is larger than ${maxTextBytes} bytes`],
]);

class FileProblem extends Error {
  override readonly name = "FileProblem";
  readonly code: string;

  constructor(code: string) {
    super(refusals.get(code));
    this.code = code;
  }
}

function assertSmallFile(stats: Stats): void {
  if (stats.isDirectory()) {
    throw new FileProblem("EISDIR");
  }
  if (!stats.isFile()) {
    throw new FileProblem("ENOTFILE");
  }
  if (stats.size > maxTextBytes) {
    throw new FileProblem("EFBIG");
  }
}

/** Checks the size again, since a file may grow while it is read. */
function assertSmall(content: Buffer): Buffer {
  if (content.length > maxTextBytes) {
    throw new FileProblem("EFBIG");
  }
  return content;
}
