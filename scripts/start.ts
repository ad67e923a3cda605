// `npm start`: deploys the project in Pulumi.yaml with local state in .local/ and the map of an old cluster in a file.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { PartError } from "../tests/support/parts/cacheDirectory.ts";
import { ensureParts } from "../tests/support/parts/ensureParts.ts";

const repository = join(import.meta.dirname, "..");
const local = join(repository, ".local");
const map = join(repository, "aws-auth.yaml");
const before = join(local, "aws-auth.before.yaml");

async function main(): Promise<void> {
  const { pulumi } = await ensureParts(["pulumi"]);
  mkdirSync(join(local, "state"), { recursive: true });
  if (!existsSync(map)) {
    copyFileSync(join(repository, "examples", "adopt", "aws-auth.yaml"), map);
  }
  copyFileSync(map, before);
  const env = {
    ...process.env,
    PATH: [pulumi.directory, process.env["PATH"]].join(delimiter),
    PULUMI_HOME: join(local, "pulumi-home"),
    PULUMI_BACKEND_URL: `file://${join(local, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    // The tests check the types, and those of @pulumi/aws are slow to load.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const run = (...args: string[]): void => {
    console.log(`\n── pulumi ${args.join(" ")}`);
    const { status } = spawnSync(pulumi.cli, [...args, "--non-interactive"], {
      cwd: repository,
      env,
      stdio: "inherit",
    });
    if (status !== 0) {
      throw new PartError(`"pulumi ${args.join(" ")}" failed (exit ${status}); see the output above`);
    }
  };
  run("stack", "select", "--create", "local");
  run("preview", "--diff", "--stack", "local");
  run("up", "--yes", "--skip-preview", "--stack", "local");
  console.log("\n── the changes in aws-auth.yaml");
  spawnSync("diff", ["-u", "--label", "before", "--label", "after", before, map], { stdio: "inherit" });
}

await main().catch((error: unknown) => {
  if (!(error instanceof PartError)) {
    throw error;
  }
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
