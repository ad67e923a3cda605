import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { errorCode } from "./text/text";

/**
 * The maximum size of a file that is read as a whole, in bytes: a manifest, a kubeconfig, a ClusterConfig. A ConfigMap is limited to 1 MiB.
 */
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
  return contentOf(path, limit);
}

/** The same with the default limit, synchronously, for constructors. Throws the given error with the reason if it fails. */
export function readRequiredFile(path: string, failure: (reason: string) => Error): Buffer {
  try {
    return contentOf(path, maxTextBytes);
  } catch (error) {
    throw failure(readFailureOf(error));
  }
}

function contentOf(path: string, limit: number): Buffer {
  const file = openSync(path, flags);
  try {
    const stats = fstatSync(file);
    const kind = stats.isDirectory() ? "EISDIR" : stats.isFile() ? undefined : "ENOTFILE";
    const content = kind === undefined && stats.size <= limit ? readFileSync(file) : undefined;
    // A file may grow while it is read.
    if (content === undefined || content.length > limit) {
      const code = kind ?? "EFBIG";
      throw Object.assign(new Error(describeFileRefusal(code, limit)), { code });
    }
    return content;
  } finally {
    closeSync(file);
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
