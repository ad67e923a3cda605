import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../support/engine/testProject.ts";

/** The version of a package that this repository is developed with. */
export function installedVersion(name: string): string {
  const file = join(repository, "node_modules", name, "package.json");
  const { version }: { version: string } = JSON.parse(readFileSync(file, "utf8"));
  return version;
}
