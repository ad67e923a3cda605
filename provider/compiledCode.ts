import { enableCompileCache } from "node:module";
import { join } from "node:path";

/**
 * Makes Node.js keep compiled code beside the package's own files, so that the next process does not compile it again. Where it cannot be
 * written, each process compiles it. NODE_COMPILE_CACHE names another directory, and NODE_DISABLE_COMPILE_CACHE turns this off.
 */
export function keepCompiledCode(): void {
  enableCompileCache(join(__dirname, ".compiled"));
}
