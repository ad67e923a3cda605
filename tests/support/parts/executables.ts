import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Whether `file` is a file that this user may run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The program's file in the first PATH directory that holds it, as the shell would find it. */
export function findOnPath(program: string): string | undefined {
  const { PATH: path = "" } = process.env;
  for (const directory of path.split(delimiter)) {
    // A relative entry means another directory for every process, so it cannot be named in a result.
    if (isAbsolute(directory) && isExecutable(join(directory, program))) {
      return join(directory, program);
    }
  }
  return undefined;
}
