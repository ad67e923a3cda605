import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { repository } from "./engine/testProject.ts";
import { ensureParts } from "./parts/ensureParts.ts";

/** Before any suite: the package as users load it, and every real part, so that no test waits for a build. */
export default async function setup(): Promise<void> {
  execFileSync(process.execPath, [join(repository, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: repository,
    stdio: "inherit",
  });
  const names = ["pulumi", "kube-apiserver", "etcd", "authenticator"] as const;
  const parts = await ensureParts(names);
  for (const name of names) {
    console.log(`${name}: ${parts[name].folder} (${parts[name].from})`);
  }
}
