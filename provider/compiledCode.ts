import { statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Makes Node.js keep compiled code beside the package's own files, so that the next process does not compile it again. Where it cannot be
 * written, or the files are another user's, who could not delete it, each process compiles it. NODE_COMPILE_CACHE names another directory,
 * and NODE_DISABLE_COMPILE_CACHE turns this off.
 */
export function keepCompiledCode(): void {
  // Windows has no user IDs.
  const user = process.getuid?.();
  if (user === undefined || user === statSync(__dirname).uid) {
    enableCompileCache(join(__dirname, ".compiled"));
  }
}
