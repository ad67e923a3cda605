import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Loads a package that only some users need. Resolves it from the program first, since this package may be linked from another
 * directory, then as an ordinary dependency.
 *
 * @param directory the program's, or the working directory of the command line.
 * @returns the package; undefined if it is not installed.
 */
export function loadOptionalPackage(name: string, directory: string) {
  for (const root of [join(directory, "index.js"), __filename]) {
    const load = createRequire(root);
    const path = resolved(load, name);
    if (path !== undefined) {
      return load(path);
    }
  }
  return undefined;
}

function resolved(load: NodeJS.Require, name: string): string | undefined {
  try {
    return load.resolve(name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") {
      return undefined;
    }
    throw error;
  }
}
