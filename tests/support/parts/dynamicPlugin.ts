import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The plugin that runs dynamic providers. It ships with the real CLI; a CLI built from source lacks it. */
export const dynamicPlugin = "pulumi-resource-pulumi-nodejs";

// The engine starts it in the program's directory, so Node finds the program's own @pulumi/pulumi, as with the shipped one.
const script = `#!/bin/sh
set -e
provider=$(node -p 'require.resolve("@pulumi/pulumi/cmd/dynamic-provider")')
exec node "$provider" "$@"
`;

/** Writes the dynamic plugin into `directory`. */
export async function writeDynamicPlugin(directory: string): Promise<void> {
  const file = join(directory, dynamicPlugin);
  await writeFile(file, script);
  await chmod(file, 0o755);
}
