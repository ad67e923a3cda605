import { createRequire } from "node:module";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";

/**
 * Loads a package that only some programs need: first as the program itself would find it, since this package may be linked from
 * elsewhere, then as an ordinary dependency.
 *
 * @param purpose what needs it, for the message.
 * @param roots the files that look for it.
 * @throws RunError that names the command to install it.
 */
export function loadOptionalPackage(name: string, purpose: string, roots: readonly string[] = usualRoots()) {
  for (const root of roots) {
    const load = createRequire(root);
    const path = resolved(load, name);
    if (path !== undefined) {
      return load(path);
    }
  }
  throw new RunError(`${purpose} needs the package ${name}, which is not installed; run "npm install ${name}"`);
}

function usualRoots(): readonly string[] {
  return [join(process.cwd(), "index.js"), __filename];
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
