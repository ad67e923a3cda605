import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundlePlugin, writeExecutable } from "../../../scripts/executable.ts";
import { pluginDirectory } from "../engine/testProject.ts";

/** Builds the executable of the resource plugin that the suites use, unless it is up to date. */
export async function ensureExecutable(): Promise<void> {
  mkdirSync(pluginDirectory, { recursive: true });
  const executable = join(pluginDirectory, "pulumi-resource-aws-auth");
  const blob = join(pluginDirectory, "plugin.blob");
  const before = existsSync(executable) ? readFileSync(blob) : undefined;
  const bundle = await bundlePlugin(pluginDirectory);
  if (before?.equals(readFileSync(bundle.blob)) !== true) {
    writeExecutable(process.execPath, bundle, executable);
  }
}
