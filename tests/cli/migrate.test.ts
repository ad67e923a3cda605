import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MigrationReport } from "../../provider/migration/model.ts";
import { runCli } from "../support/cli/runCli.ts";
import { readBlock } from "../support/docs/markdown.ts";
import { entry, iam, type MigrationWorld, migrationWorld, moveSome, sampleMap } from "../support/migration/world.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-migrate-"));
  await writeFile(join(directory, "clusters.yaml"), "- prod\n- {name: other, region: eu-west-1}\n- manifest: a.yaml\n");
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const run = ({ aws, caller }: MigrationWorld, ...args: string[]) =>
  runCli(args, { cwd: directory, env: aws.env(caller) });
const migrate = (world: MigrationWorld, ...args: string[]) => run(world, "migrate", "--cluster", "prod", ...args);

/** The output that docs/command-line.md shows for a command. */
async function shown(command: string): Promise<string> {
  const block = await readBlock("docs/command-line.md", `$ ${command}\n`);
  return block.slice(block.indexOf("\n") + 1);
}

describe("migrate", () => {
  it("prints what docs/command-line.md shows, and changes nothing", async () => {
    const world = await migrationWorld(sampleMap);
    moveSome(world);
    const { code, stdout, stderr } = await migrate(world);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toBe(await shown("npx pulumi-aws-auth migrate --cluster prod"));
    const verbs = world.aws.calls.map(({ operation }) => /^(?:Get|List|Describe)/.exec(operation)?.[0]);
    expect(verbs).not.toContain(undefined);
    expect(world.api.requests.map(({ line }) => line.split(" ")[0])).toEqual(["GET"]);
  });

  it("exits with 0 where the cluster can go to API, and where it is there", async () => {
    const world = await migrationWorld({ mapRoles: entry(iam("role/admins"), "admin", "system:masters") });
    moveSome(world);
    const ready = await migrate(world);
    expect(ready.stdout).toContain("  ready for API: whoever gets in by aws-auth today has an equal access entry\n");
    expect(ready.code).toBe(0);
    expect((await migrate(await migrationWorld(sampleMap, "API"))).code).toBe(0);
  });

  it("exits with 1 where something is left, and with 2 where it cannot be told", async () => {
    expect((await migrate(await migrationWorld({}, "CONFIG_MAP"))).code).toBe(1);
    const world = await migrationWorld({});
    world.aws.permit(world.caller, ["eks:DescribeCluster"]);
    const blind = await migrate(world);
    expect(blind.code).toBe(2);
    expect(blind.stdout).toContain("not known whether it is ready for API");
    expect(blind.stdout.replaceAll(/\n +/g, " ")).toContain("may not do eks:ListAccessEntries");
    expect((await run(world, "migrate", "--cluster", "gone")).code).toBe(2);
  });

  it("needs what docs/permissions.md lets it do, and no less", async () => {
    const policy = JSON.parse(await readBlock("docs/permissions.md", '"eks:ListNodegroups"'));
    const actions: string[] = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    const world = await migrationWorld({
      mapRoles: entry(iam("role/admins"), "admin", "system:masters"),
      mapUsers: `- userarn: ${iam("user/jane")}\n  username: jane\n`,
    });
    moveSome(world);
    world.aws.addServiceEntry("prod", iam("user/jane"), { type: "STANDARD", username: "jane" });
    world.aws.addFargateProfile("prod", { fargateProfileName: "batch", podExecutionRoleArn: iam("role/ci") });
    world.aws.permit(world.caller, actions);
    expect((await migrate(world)).code).toBe(0);
    for (const missing of actions) {
      world.aws.permit(
        world.caller,
        actions.filter((action) => action !== missing),
      );
      const { code, stdout } = await migrate(world);
      expect([missing, code]).toEqual([missing, 2]);
      expect(stdout.replaceAll(/\n +/g, " ")).toContain(`may not do ${missing} (`);
    }
  });

  it("takes the word of the user for a role that IAM does not tell of", async () => {
    const foreign = iam("role/far/deploy", "444455556666");
    const world = await migrationWorld({ mapRoles: entry(iam("role/deploy", "444455556666"), "deploy") });
    world.aws.principals.create(foreign);
    world.aws.addServiceEntry("prod", foreign, { type: "STANDARD", username: "deploy" });
    expect((await migrate(world)).code).toBe(2);
    expect((await migrate(world, "--trust", foreign)).code).toBe(0);
  });

  it("prints JSON for scripts", async () => {
    const world = await migrationWorld(sampleMap);
    moveSome(world);
    const report: MigrationReport = JSON.parse((await migrate(world, "-o", "json")).stdout);
    expect(report).toMatchObject({ kind: "MigrationReport", schemaVersion: 1, unread: [] });
    const [cluster] = report.clusters;
    expect(cluster).toMatchObject({ verdict: "notReady", authenticationMode: "API_AND_CONFIG_MAP", nextMode: "API" });
    expect(cluster?.entries.map(({ moves, status, state }) => [moves, status, state])).toEqual([
      ["leave", "done", "equal"],
      ["move", "done", "equal"],
      ["move", "toDo", "absent"],
      ["move", "toDo", "different"],
      ["cannot", "toDo", "absent"],
      ["leave", "done", "notNeeded"],
      ["cannot", "toDo", "absent"],
    ]);
  });

  it("reads several clusters, and goes on where one cannot be read or is none of EKS", async () => {
    const world = await migrationWorld({});
    const { code, stdout } = await run(world, "migrate", "--clusters", "clusters.yaml", "-o", "json");
    const { clusters, unread }: MigrationReport = JSON.parse(stdout);
    expect(clusters.map(({ verdict }) => verdict)).toEqual(["ready"]);
    expect(unread).toMatchObject([
      { name: "other", code: "clusterNotFound" },
      { name: "a.yaml", code: "invalidInput", message: expect.stringContaining("has no access entries") },
    ]);
    expect(code).toBe(2);
    const text = await run(world, "migrate", "--clusters", "clusters.yaml");
    expect(text.stdout).toMatch(/\n\nNot read:\n {2}- other:\s+EKS cluster "other" \(eu-west-1\)/);
  });

  it("says in its own words that a cluster has no region", async () => {
    const world = await migrationWorld({});
    const { code, stdout } = await runCli(["migrate", "--cluster", "prod"], {
      cwd: directory,
      env: { ...world.aws.env(world.caller), AWS_REGION: "" },
    });
    expect(code).toBe(2);
    expect(stdout.replaceAll(/\n +/g, " ")).toContain('EKS cluster "prod" has no region: give --region');
  });

  it.each([
    [[], "no EKS cluster is named; give --cluster NAME or --clusters FILE"],
    [
      ["--manifest", "a.yaml"],
      "migrate compares aws-auth with the access entries of an EKS cluster, which --manifest does not lead to; give --cluster",
    ],
    [
      ["--kubeconfig", "x", "--context", "y"],
      "migrate compares aws-auth with the access entries of an EKS cluster, which --kubeconfig does not lead to",
    ],
    [["--region", "eu-central-1"], "--region goes with --cluster NAME, which is missing"],
    [["--clusters", "none.yaml"], '--clusters "none.yaml" cannot be read: there is no such file'],
    [["--cluster", "prod", "--trust", "dev"], '--trust: arn "dev" is not an ARN'],
    [
      ["--cluster", "prod", "-o", "yaml"],
      "option '-o, --output <format>' argument 'yaml' is invalid. Allowed choices are table, json.",
    ],
  ])("refuses %j", async (args, message) => {
    const { code, stdout, stderr } = await runCli(["migrate", ...args], { cwd: directory });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`error: ${message}`);
  });

  it("documents its options and exit codes in 80 columns, and not those that it refuses", async () => {
    const { stdout } = await runCli(["migrate", "--help"]);
    expect(stdout).toMatch(/--clusters <file>[\s\S]+--trust <arn>[\s\S]+\n {2}0 {2}every cluster can go to/);
    expect(stdout).not.toMatch(/--(?:manifest|kubeconfig|context)/);
  });
});
