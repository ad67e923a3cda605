// A process of its own, so that a hanging download can be ended: `node pulumiInstallerProcess.ts <root directory> <version>`.
import { createRequire } from "node:module";
import type { PulumiCommandOptions } from "@pulumi/pulumi/automation/index.js";

type SemVer = NonNullable<PulumiCommandOptions["version"]>;

try {
  const [root, version] = process.argv.slice(2);
  if (root === undefined || version === undefined) {
    throw new Error("usage: pulumiInstallerProcess.ts <root> <version>");
  }
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  // The version must be an object of the semver package that @pulumi/pulumi itself depends on.
  const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
  const semver: { SemVer: new (text: string) => SemVer } = sdk("semver");
  await PulumiCommand.install({ root, version: new semver.SemVer(version) });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
