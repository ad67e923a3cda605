import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "./engine/testProject.ts";
import { ensureParts, partsFor } from "./parts/ensureParts.ts";

/** Before any suite: the package as users load it, and every real part, so that no test waits for a build. */
export default async function setup(): Promise<void> {
  execFileSync(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: repository,
    stdio: "inherit",
  });
  const parts = await ensureParts(partsFor.test);
  for (const name of partsFor.test) {
    console.log(`${name}: ${parts[name].folder} (${parts[name].from})`);
  }
}
