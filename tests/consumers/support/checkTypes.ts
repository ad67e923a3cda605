import { join } from "node:path";
import { runCommand } from "./runCommand.ts";

/** The types are right for a user's compiler, in the module format of the user's program. */
export async function checkTypes(directory: string): Promise<void> {
  await runCommand(join(directory, "node_modules", ".bin", "tsc"), ["--noEmit"], { cwd: directory });
}
