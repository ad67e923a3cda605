import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { startEntryCluster } from "../support/eks/entryCluster.ts";
import { repository } from "../support/engine/testProject.ts";
import { sample } from "../support/nightly.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";

/** Runs the script of `npm run test:eks` against the stand-in for AWS. */
async function testEks(aws: NodeJS.ProcessEnv) {
  const { pulumi } = await ensureParts(["pulumi"]);
  const env = {
    ...process.env,
    PULUMI_SKIP_UPDATE_CHECK: "1",
    ...aws,
    PATH: [pulumi.directory, process.env["PATH"]].join(delimiter),
  };
  const args = [
    join(repository, "tests", "cluster", "eks", "main.ts"),
    "--cluster",
    "prod",
    "--region",
    "eu-central-1",
  ];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill());
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, errors, steps: output.match(/(?<=^ok {2}).*(?= \(\d+ s\)$)/gm) };
}

const moves = ["move to API_AND_CONFIG_MAP", "move to API", "move to API_AND_CONFIG_MAP", "move to CONFIG_MAP"];

const clusterModes = [
  ["API_AND_CONFIG_MAP", "CONFIG_MAP", moves],
  ["CONFIG_MAP", "CONFIG_MAP", []],
  ["API", "API", []],
] as const;

it.each(sample(clusterModes))(
  "the test for a real cluster passes in mode %s, and removes everything that it created",
  { timeout: 900_000 },
  async (mode, first, more) => {
    const world = await startEntryCluster(mode);
    onTestFinished(() => world.stop());
    const before = await world.map.data();
    expect(await testEks(world.aws.env(world.deployer))).toEqual({
      code: 0,
      errors: "",
      steps: [`create in mode ${first}`, "drift is shown and put back", "update", ...more, "destroy"],
    });
    expect(await world.map.data()).toEqual(before);
    expect(world.aws.entries("prod")).toEqual([]);
    expect(world.aws.principals.find("arn:aws:iam::111122223333:role/pulumi-aws-auth-test-1")).toBeUndefined();
  },
);
