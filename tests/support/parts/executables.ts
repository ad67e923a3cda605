import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** Whether `file` is a file that this user may execute. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The program's file in the first PATH directory that contains it, like a shell. */
export function findOnPath(program: string): string | undefined {
  const { PATH: path = "" } = process.env;
  for (const directory of path.split(delimiter)) {
    // A relative entry depends on the working directory of each process, so it cannot be part of a result.
    if (isAbsolute(directory) && isExecutable(join(directory, program))) {
      return join(directory, program);
    }
  }
  return undefined;
}
