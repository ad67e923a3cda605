// `npm start`: the project of Pulumi.yaml, on local state in .local/, and on a manifest that looks like a new cluster's map.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { ensureParts } from "../tests/support/parts/ensureParts.ts";
import { PartError } from "../tests/support/parts/partError.ts";

// What EKS writes when the first managed node group joins a cluster.
const newClustersMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: aws-auth
  namespace: kube-system
data:
  mapRoles: |
    - groups:
      - system:bootstrappers
      - system:nodes
      rolearn: arn:aws:iam::111122223333:role/node-group-1
      username: system:node:{{EC2PrivateDNSName}}
`;

const repository = join(import.meta.dirname, "..");
const local = join(repository, ".local");
const map = join(repository, "aws-auth.yaml");
const before = join(local, "aws-auth.before.yaml");

try {
  await main();
} catch (error) {
  if (!(error instanceof PartError)) {
    throw error;
  }
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { pulumi } = await ensureParts(["pulumi"]);
  mkdirSync(join(local, "state"), { recursive: true });
  if (!existsSync(map)) {
    writeFileSync(map, newClustersMap);
  }
  copyFileSync(map, before);

  const env = {
    ...process.env,
    PATH: [pulumi.directory, process.env["PATH"]].join(delimiter),
    PULUMI_HOME: join(local, "pulumi-home"),
    PULUMI_BACKEND_URL: `file://${join(local, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const run = (command: string, args: readonly string[], isQuiet = false): void => {
    const { status } = spawnSync(command, args, { cwd: repository, env, stdio: isQuiet ? "ignore" : "inherit" });
    if (status !== 0) {
      throw new PartError(`"${[command, ...args].join(" ")}" failed (exit ${status}); the lines above say why`);
    }
  };

  run(pulumi.cli, ["stack", "select", "--create", "local", "--non-interactive"], true);
  heading("The plan: pulumi preview");
  run(pulumi.cli, ["preview", "--diff", "--stack", "local", "--non-interactive"]);
  heading("Carrying it out: pulumi up");
  run(pulumi.cli, ["up", "--yes", "--skip-preview", "--stack", "local", "--non-interactive"]);
  heading(`What it did to the map (${relative(repository, map)})`);
  const compared = ["-u", "--label", "before", "--label", "after", before, map];
  // diff exits with 1 where the files differ, which is no failure.
  if (spawnSync("diff", compared, { stdio: "inherit" }).status === 0) {
    console.log("nothing");
  }
  heading("The same on a real cluster, after `pulumi login`");
  if (pulumi.from !== "environment" && pulumi.from !== "path") {
    console.log(`export PATH="${pulumi.directory}:$PATH" # the Pulumi CLI that this command used`);
  }
  console.log('pulumi stack init prod && pulumi config set aws-auth:manifest ""');
  console.log("pulumi config set aws-auth:cluster NAME && pulumi config set aws-auth:region REGION");
  console.log("npm exec -c 'pulumi preview --diff'");
}

function heading(text: string): void {
  console.log(`\n── ${text}`);
}
