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
export function readSmallFile(path: string, limit = maxTextBytes): Buffer {
  const file = openSync(path, flags);
  try {
    const stats = fstatSync(file);
    const code = stats.isDirectory() ? "EISDIR" : stats.isFile() ? "EFBIG" : "ENOTFILE";
    const content = stats.isFile() && stats.size <= limit ? readFileSync(file) : undefined;
    // The file may grow while it is read.
    if (content === undefined || content.length > limit) {
      throw Object.assign(new Error(describeFileRefusal(code, limit)), { code });
    }
    return content;
  } finally {
    closeSync(file);
  }
}

/** Throws the given error with the reason if the file cannot be read. */
export function readRequiredFile(path: string, failure: (reason: string) => Error, limit = maxTextBytes): Buffer {
  try {
    return readSmallFile(path, limit);
  } catch (error) {
    const code = errorCode(error);
    const refusal = describeFileRefusal(code, limit) ?? code ?? String(error);
    throw failure(code === "ENOENT" ? "there is no such file" : refusal);
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
