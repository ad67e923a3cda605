import { createRequire } from "node:module";
import { join } from "node:path";
import { nodeVersionProblem } from "../provider/pulumi/versions";
import { userError } from "./programErrors";

/** The type of an identity mapping. The engine sends types with this prefix to the dynamic provider's plugin. */
export const resourceType = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";

/**
 * The provider code that the engine stores in every resource and the plugin process evaluates. It is constant, so that it never
 * causes a diff, and short, since the engine rewrites the whole state after every step. It resolves this package from the program's
 * directory, as the program itself does, which works for installed and linked packages, for bundles, and for programs inside this
 * repository.
 */
export const providerText =
  'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("pulumi-aws-auth/provider");';

/** The directory in which the program started. Pulumi starts the plugin there too. A program may change its directory later. */
const programDirectory = process.cwd();

/** The directories from which the package was found, since every resource checks this. */
const found = new Set<string>();

/**
 * Fails if Node is too old, or if the plugin would not find this package from the program's directory. With pnpm and Plug'n'Play, a
 * dependency of a dependency is not found there. The plugin itself would only print a stack trace.
 *
 * @throws RunError with what to install.
 */
export function checkProvider(directory: string = programDirectory): void {
  const problem = nodeVersionProblem();
  if (problem !== undefined) {
    throw userError(problem);
  }
  // An inline program of the Automation API has its own process, whose directory may differ from the plugin's.
  if (found.has(directory) || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
    return;
  }
  try {
    createRequire(join(directory, "index.js")).resolve("pulumi-aws-auth/provider");
    found.add(directory);
  } catch {
    throw userError(
      `the package pulumi-aws-auth is not installed in "${directory}", where Pulumi's plugin looks for it; run "npm install pulumi-aws-auth" there, or the equivalent command of your package manager`,
    );
  }
}
