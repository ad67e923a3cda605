import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessReview } from "../../provider/review/model.ts";
import { runCli } from "../support/cli/runCli.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { entry, iam, migrationWorld, moveSome, sampleMap } from "../support/migration/world.ts";
import { startApiServer } from "../unit/cluster/apiServer.ts";
import { kubeconfigOf } from "../unit/cluster/support.ts";

const map = { mapRoles: entry(iam("role/dev"), "dev", "viewers") };
const dev = iam("role/dev");

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-entries-"));
  await writeFile(join(directory, "map.yaml"), manifestOf(map));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const run = (args: readonly string[], kubeconfig: string) =>
  runCli(args, { cwd: directory, env: { AWS_AUTH_KUBECONFIG: kubeconfig } });
const hint =
  "the access entries, which win over aws-auth, cannot be read: a kubeconfig does not lead to the EKS API; name the EKS cluster with --cluster";

describe("a kubeconfig", () => {
  it("prints once that access entries are not read", async () => {
    const kubeconfig = kubeconfigOf({ x: (await startApiServer(map)).url });
    const commands = [
      ["explain", dev],
      ["can-i", dev, "get", "/x"],
      ["who-can", "get", "/x"],
      ["get", "--wide"],
    ];
    const results = await Promise.all(commands.map((args) => run(args, kubeconfig)));
    const hints = results.map(({ stderr }) => stderr.split("\n").filter((line) => line.includes(hint)).length);
    expect(hints).toEqual(commands.map(() => 1));
    const { stdout } = await run(["review", "-o", "json"], kubeconfig);
    const [cluster] = (JSON.parse(stdout) as AccessReview).clusters;
    expect(cluster?.unknown[0]).toMatch(/^access entries are unknown: .*does not lead to the EKS API/);
  });

  it("is not what a manifest is, which has no access entries", async () => {
    const { stdout, stderr } = await runCli(["explain", dev, "--manifest", "map.yaml"], { cwd: directory });
    expect([stderr, /access entr/.test(stdout)]).toEqual(["", false]);
  });
});

describe("access entries of EKS", () => {
  it("do not change the table, JSON and YAML of get", async () => {
    const [before, after] = await Promise.all([migrationWorld(sampleMap, "CONFIG_MAP"), migrationWorld(sampleMap)]);
    moveSome(after);
    for (const output of ["table", "json", "yaml"]) {
      const [old, now] = await Promise.all(
        [before, after].map(({ aws, caller }) =>
          runCli(["get", "--cluster", "prod", "-o", output], { env: aws.env(caller) }),
        ),
      );
      expect([now?.code, now?.stdout]).toEqual([0, old?.stdout]);
      expect([old?.stderr, now?.stderr]).toEqual([
        "",
        expect.stringContaining("win over aws-auth; --wide prints access entries too"),
      ]);
    }
  });

  it("fill in the name of a session, and refuse one that is no instance", async () => {
    const { aws, caller } = await migrationWorld({});
    aws.addServiceEntry("prod", iam("role/eks/workers"), { type: "EC2_LINUX" });
    aws.addServiceEntry("prod", iam("role/eng/dev"), { type: "STANDARD", username: "dev:{{SessionName}}" });
    const explain = (session: string) =>
      runCli(["explain", `arn:aws:sts::111122223333:assumed-role/${session}`, "--cluster", "prod"], {
        env: aws.env(caller),
      });
    const [jane, bob, instance] = await Promise.all(["dev/jane", "workers/bob", "workers/i-01234567"].map(explain));
    expect([jane?.code, jane?.stdout]).toEqual([0, expect.stringContaining("  username    dev:jane\n")]);
    expect([bob?.code, bob?.stdout]).toEqual([1, expect.stringContaining("  refused     {{EC2PrivateDNSName}} needs")]);
    expect(instance?.code).toBe(0);
  });

  it.each<[args: string[], code: number, message: string]>([
    [["explain", "dev"], 2, 'arn "dev" is not an IAM identity'],
    [["explain", `${dev}/x y`], 2, "is not an IAM identity"],
    [["get", "--wide", "--arn", iam("role/none")], 1, `no iamidentitymapping with arn "${iam("role/none")}" found`],
    [["can-i", dev, "get", ""], 2, 'type "" is not complete'],
    [["explain", dev, "--cluster", "other"], 2, "more than one cluster"],
  ])("leave wrong inputs what they are: %j", async (args, code, message) => {
    const { aws, caller } = await migrationWorld(sampleMap);
    const cluster = args.includes("--cluster") ? ["--manifest", "map.yaml"] : ["--cluster", "prod"];
    const result = await runCli([...args, ...cluster], { cwd: directory, env: aws.env(caller) });
    expect([result.code, result.stdout]).toEqual([code, ""]);
    expect(result.stderr).toContain(message);
  });
});
