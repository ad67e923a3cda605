import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "./engine/testProject.ts";

/** Builds the package before all suites, since they load it like users. */
export default function setUp(): void {
  execFileSync(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: repository,
    stdio: "inherit",
  });
}
