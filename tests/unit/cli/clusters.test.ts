import { beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { cliDirectory, runCli, runHere } from "../../support/cli/runCli.ts";
import { startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf } from "../../support/cluster/kubeconfigs.ts";
import { readBlock } from "../../support/docs/markdown.ts";
import { type EntriesWorld, entriesWorld } from "../../support/eks/entriesWorld.ts";
import { entry, iam, type MigrationWorld, migrationWorld, moveSome, sampleMap } from "../../support/migration/world.ts";

const dev = iam("role/dev");
const map = { mapRoles: entry(dev, "dev", "viewers") };
const { here, write } = cliDirectory();

describe("a kubeconfig", () => {
  it("prints once that access entries are not read", async () => {
    write({ kubeconfig: kubeconfigOf({ x: (await startApiServer(map)).url }) });
    const hint =
      "the access entries, which win over aws-auth, cannot be read: a kubeconfig does not lead to the EKS API; name the EKS cluster with --cluster";
    const commands = [
      ["explain", dev],
      ["can-i", dev, "get", "/x"],
      ["who-can", "get", "/x"],
      ["get", "--wide"],
    ];
    for (const command of commands) {
      const { err } = await here(...command, "--kubeconfig", "@kubeconfig");
      expect(err.split(hint)).toHaveLength(2);
    }
  });

  it.each([[[]], [["--context", "ctx"]], [["--kubeconfig", "CONTENT"]]])(
    "is secret, so that import prints none of its content: with %j",
    async (args) => {
      const content = kubeconfigOf({ ctx: (await startApiServer(map)).url });
      vi.stubEnv("AWS_AUTH_KUBECONFIG", args.includes("CONTENT") ? "" : content);
      const { code, out, err } = await runHere("import", ...args.map((arg) => arg.replace("CONTENT", content)));
      vi.unstubAllEnvs();
      expect([code, out]).toEqual([0, expect.stringContaining(dev)]);
      expect(out + err).not.toContain("t0p-secret");
    },
  );

  it("is named by import with its only context, as it may get others before the program runs", async () => {
    write({ kubeconfig: kubeconfigOf({ staging: (await startApiServer(map)).url }) });
    const { out } = await here("import", "--kubeconfig", "@kubeconfig");
    expect(out).toContain('const cluster = { kubeconfig: "kubeconfig", context: "staging" };\n');
  });
});

describe("an EKS cluster", () => {
  let world: EntriesWorld;
  const run = (...args: readonly string[]) => runHere(...args, "--cluster", "prod");
  async function use(...given: Parameters<typeof entriesWorld>): Promise<void> {
    world = await entriesWorld(...given);
    world.kubernetes.data = map;
  }
  beforeEach(() => use());

  it("has access entries, which fill in the name of a session, and refuse one that is no instance", async () => {
    world.aws.principals.create(iam("role/eks/workers"));
    world.aws.addServiceEntry("prod", iam("role/eks/workers"), { type: "EC2_LINUX" });
    world.aws.addServiceEntry("prod", iam("role/eng/dev"), { type: "STANDARD", username: "dev:{{SessionName}}" });
    const explain = (session: string) => run("explain", `arn:aws:sts::111122223333:assumed-role/${session}`);
    expect(await explain("dev/jane")).toMatchObject({
      code: 0,
      out: expect.stringContaining("  username    dev:jane\n"),
    });
    expect(await explain("workers/bob")).toMatchObject({
      code: 1,
      out: expect.stringContaining("  refused     {{EC2PrivateDNSName}} needs"),
    });
    expect(await explain("workers/i-01234567")).toMatchObject({ code: 0 });
  });

  it.each<["API" | "API_AND_CONFIG_MAP", string[]]>([
    ["API", []],
    ["API", ["-o", "json"]],
    ["API", ["--arn", dev]],
    ["API_AND_CONFIG_MAP", ["--arn", `${dev}-2`]],
  ])("whose access entries may not be read is never reported to map nothing: %s %j", async (mode, args) => {
    await use(mode);
    world.aws.permit(world.deployer, ["eks:DescribeCluster"]);
    const err = expect.stringContaining("error: what is mapped is unknown: ");
    expect(await run("get", "--wide", ...args)).toEqual({ code: 2, out: "", err });
  });

  it("whose access entries may not be read still lists what aws-auth maps", async () => {
    world.aws.permit(world.deployer, ["eks:DescribeCluster"]);
    expect(await run("get", "--wide", "--arn", dev)).toMatchObject({ code: 0, out: expect.stringContaining(dev) });
  });

  it("is named by import with the region and the account of the environment, which may differ later", async () => {
    expect((await run("import")).out).toContain(
      'const cluster = { name: "prod", region: "eu-central-1", account: "111122223333" };\n',
    );
    const arn = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
    expect((await runHere("import", "--cluster", arn)).out).toContain(`const cluster = "${arn}";\n`);
  });

  it.each([
    ["can-i", dev, "get"],
    ["who-can", "get"],
  ])("that lists half of its types answers no question on a type: %s", async (...words) => {
    await use("CONFIG_MAP");
    world.kubernetes.defaultFault = () => {
      const { line = "" } = world.kubernetes.requests.at(-1) ?? {};
      const body = line.includes("/rbac.") ? { items: null } : line.endsWith("/apis") ? { groups: [] } : undefined;
      return body && { status: 200, body };
    };
    const { code, out, err } = await run(...words, "deployments");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: unknown: .* does not list its resource types\n$/);
  });
});

describe("import --from an eksctl file", () => {
  const from = (items: string, output: string) => {
    const head = "kind: ClusterConfig\nmetadata: { name: prod, region: eu-central-1 }\niamIdentityMappings:\n";
    write({ "cluster.yaml": `apiVersion: eksctl.io/v1alpha5\n${head}${items}` });
    return here("import", "--from", "@cluster.yaml", "-o", output);
  };

  it("prints YAML", async () => {
    const { code, out } = await from('- account: "012345678901"\n', "yaml");
    const properties = { cluster: { name: "prod", region: "eu-central-1" }, account: "012345678901" };
    expect(code).toBe(0);
    expect(parse(out)).toEqual({
      name: "aws-auth",
      runtime: "yaml",
      resources: { "account-012345678901": { type: "aws-auth:IdentityMapping", properties } },
    });
  });

  it.each([
    ['- { arn: "nonsense", username: x }\n', 'cluster.yaml: arn "nonsense" is not the ARN of an IAM role or user'],
    ["- { username: x }\n", "cluster.yaml:5: iamIdentityMappings[0]: none of arn, account"],
  ])("refuses %s", async (items, problem) => {
    expect(await from(items, "typescript")).toEqual({ code: 2, out: "", err: expect.stringContaining(problem) });
  });
});

describe("migrate", () => {
  const command = ["migrate", "--cluster", "prod"];
  const migrate = ({ aws, caller }: MigrationWorld) => runCli(command, { env: aws.env(caller) });

  it("prints what docs/command-line.md shows, and changes nothing", async () => {
    const world = await migrationWorld(sampleMap);
    moveSome(world);
    const { code, stdout, stderr } = await migrate(world);
    expect([code, stderr]).toEqual([1, ""]);
    const shown = await readBlock("docs/command-line.md", "$ npx pulumi-aws-auth migrate --cluster prod\n");
    expect(stdout).toBe(shown.slice(shown.indexOf("\n") + 1));
    const verbs = world.aws.calls.map(({ operation }) => /^(?:Get|List|Describe)/.exec(operation)?.[0]);
    expect(verbs).not.toContain(undefined);
    expect(world.api.requests.map(({ line }) => line.split(" ")[0])).toEqual(["GET"]);
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
      const { code, stdout, stderr } = await migrate(world);
      // IAM only tells whether an access entry is dead.
      expect([missing, code]).toEqual([missing, missing.startsWith("iam:") ? 0 : 2]);
      expect(stdout + stderr).toContain(`may not do ${missing} (`);
    }
  });
});
