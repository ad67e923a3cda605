import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { errorCode } from "./text/text";

/** The maximum size of a file that is read as a whole, in bytes: a manifest, a kubeconfig, a ClusterConfig. A ConfigMap is limited to 1 MiB. */
export const maxTextBytes = 4 * 1024 * 1024;

// Opening a pipe without a writer would block forever.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a whole small file, as are all files that this package reads. Refuses pipes, devices and very large files,
 * which might never end.
 *
 * @throws Node's errors, and errors of the same form with the codes `EISDIR`, `EFBIG` and `ENOTFILE`.
 */
export async function readSmallFile(path: string, limit = maxTextBytes): Promise<Buffer> {
  const handle = await open(path, flags);
  try {
    assertSmallFile(await handle.stat(), limit);
    return assertSmall(await handle.readFile(), limit);
  } finally {
    await handle.close();
  }
}

/**
 * Reads a required file with the default limit, synchronously, for constructors and for files that are read often. Throws the given
 * error with the reason if it cannot be read.
 */
export function readRequiredFile(path: string, failure: (reason: string) => Error): Buffer {
  try {
    const file = openSync(path, flags);
    try {
      assertSmallFile(fstatSync(file), maxTextBytes);
      return assertSmall(readFileSync(file), maxTextBytes);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw failure(readFailureOf(error));
  }
}

/** Describes why {@link readSmallFile} refuses a file, given the same limit; undefined for any other error. */
export function describeFileRefusal(code: string | undefined, limit = maxTextBytes): string | undefined {
  switch (code) {
    case "EISDIR":
      return "it is a directory";
    case "ENOTFILE":
      return "it is a pipe or a device, not a file";
    case "EFBIG":
      return `it is larger than ${limit} bytes`;
    default:
      return undefined;
  }
}

/** Describes why a required file cannot be read, given the same limit; for other errors, returns their code. */
export function readFailureOf(error: unknown, limit?: number): string {
  const code = errorCode(error);
  return code === "ENOENT" ? "there is no such file" : (describeFileRefusal(code, limit) ?? code ?? String(error));
}

function fileProblem(code: string, limit: number): Error {
  return Object.assign(new Error(describeFileRefusal(code, limit)), { code });
}

function assertSmallFile(stats: Stats, limit: number): void {
  const code = stats.isDirectory() ? "EISDIR" : !stats.isFile() ? "ENOTFILE" : stats.size > limit ? "EFBIG" : undefined;
  if (code !== undefined) {
    throw fileProblem(code, limit);
  }
}

/** Checks the size again, since a file may grow while it is read. */
function assertSmall(content: Buffer, limit: number): Buffer {
  if (content.length > limit) {
    throw fileProblem("EFBIG", limit);
  }
  return content;
}
