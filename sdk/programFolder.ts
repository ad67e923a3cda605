import { createRequire } from "node:module";
import { join } from "node:path";
import { RunError } from "@pulumi/pulumi";

/** Where the program started, and where Pulumi starts the plugin that runs the provider; a program may leave it later. */
const programFolder = process.cwd();

/** The folders from which the package was found: a program asks with each of its resources. */
const found = new Set<string>();

/**
 * Fails where the plugin would not find this package: from the program's folder, since that is all it knows. A package that only a
 * dependency depends on is not there under pnpm and Plug'n'Play. The plugin itself can only say so with a stack trace.
 *
 * @throws RunError that says what to install.
 */
export function checkProviderIsFound(folder: string = programFolder): void {
  // An inline program of the Automation API has a process of its own, which may run elsewhere than the plugin.
  if (found.has(folder) || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
    return;
  }
  try {
    createRequire(join(folder, "index.js")).resolve("pulumi-aws-auth/provider");
    found.add(folder);
  } catch {
    throw new RunError(
      `the package pulumi-aws-auth is not found from the program's folder "${folder}", where Pulumi's plugin looks for it; add it to the program's own dependencies: run "npm install pulumi-aws-auth", or the same with your package manager`,
    );
  }
}
