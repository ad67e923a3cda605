import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type ClusterOptions, resolveNamed } from "../../../cli/cluster.ts";
import { targetsOf } from "../../../cli/clusters.ts";
import { runCli as runCommand } from "../../../cli/program.ts";
import { stateOf } from "../../../provider/cluster/clusterRef.ts";
import { readClusters } from "../../../provider/reports/readClusters.ts";
import { cliDirectory, runCli, runHere } from "../../support/cli/runCli.ts";
import { caData, pem, startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf, setEnv, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";
import { readBlock } from "../../support/docs/markdown.ts";
import { type EntriesWorld, entriesWorld } from "../../support/eks/entriesWorld.ts";
import { actionsOf, documentedPolicy, withoutAction } from "../../support/eks/iamPolicy.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { entry, iam, type MigrationWorld, migrationWorld, moveSome, sampleMap } from "../../support/migration/world.ts";

const dev = iam("role/dev");
const map = { mapRoles: entry(dev, "dev", "viewers") };
const { file, here, write } = cliDirectory();

/** The environment without the kubeconfigs of the machine that runs the test. */
const noKubeconfig = { HOME: "/nowhere", KUBECONFIG: "", AWS_AUTH_KUBECONFIG: "", AWS_AUTH_CONTEXT: "" };

describe("the command line without --context", () => {
  const contexts = { green: "https://green.example", blue: "https://blue.example" };
  const withCurrent = (current: string, servers = contexts) =>
    JSON.stringify({ ...JSON.parse(kubeconfigOf(servers)), "current-context": current });
  beforeEach(async () => {
    setEnv(noKubeconfig);
    await mkdir(file(".kube"), { recursive: true });
    write({ one: kubeconfigOf({ only: "https://only.example" }), two: withCurrent("blue"), none: withCurrent("") });
    write({ ".kube/config": withCurrent("green") });
  });

  const noCluster = /^no cluster is specified; use --cluster NAME/;
  const noContext = /^kubeconfig ".*none" has 2 contexts; set/;
  const severalFiles = "KUBECONFIG lists 2 files, which this package does not merge; set KUBECONFIG to one file";
  it.each<[env: Record<string, string>, options: ClusterOptions, context: string | RegExp, note?: string]>([
    [{ KUBECONFIG: "@two" }, {}, "blue", "two"],
    [{ KUBECONFIG: ":@two:" }, {}, "blue", "two"],
    [{ KUBECONFIG: "@one" }, {}, "only", "one"],
    [{ HOME: "@." }, {}, "green", ".kube/config"],
    [{}, { kubeconfig: "@two" }, "blue", "two"],
    [{ AWS_AUTH_KUBECONFIG: "@two", KUBECONFIG: "@one" }, {}, "blue", "two"],
    [{ AWS_AUTH_KUBECONFIG: "@two", KUBECONFIG: "@two" }, { kubeconfig: "@one" }, "only"],
    [{ KUBECONFIG: "@two" }, { context: "green" }, "green"],
    [{ KUBECONFIG: "@two", AWS_AUTH_CONTEXT: "green" }, {}, "green"],
    [{ KUBECONFIG: "@one:@two" }, {}, new RegExp(`^${severalFiles}$`)],
    [{ KUBECONFIG: "@none" }, {}, noCluster],
    [{}, { kubeconfig: "@none" }, noContext],
    [{}, {}, noCluster],
  ])("reads the same cluster as kubectl: with %j and options %j", async (env, options, context, note) => {
    const inDirectory = <T extends object>(values: T): T =>
      JSON.parse(JSON.stringify(values).replaceAll("@", `${file("")}/`));
    setEnv(inDirectory(env));
    const notes: string[] = [];
    const found = await resolveNamed(inDirectory(options), { out: () => {}, err: (text) => notes.push(text) }).then(
      ({ named }) => named.context,
      (error: Error) => error.message,
    );
    expect(found).toEqual(context instanceof RegExp ? expect.stringMatching(context) : context);
    const path = join(file(""), note ?? "");
    expect(notes).toEqual(note === undefined ? [] : [`note: reading context "${context}" of kubeconfig "${path}"\n`]);
  });

  it("works in every command, and writes the context to the imported program", async () => {
    write({ two: withCurrent("blue", { ...contexts, blue: (await startApiServer(map)).url }) });
    setEnv({ KUBECONFIG: file("two") });
    const note = `note: reading context "blue" of kubeconfig "${file("two")}"\n`;
    const commands = ["get", `explain ${dev}`, `can-i ${dev} get /x`, "who-can get /x", "lint", "review", "import"];
    for (const command of commands) {
      const { out, err } = await runHere(...command.split(" "));
      expect([command, err.startsWith(note)]).toEqual([command, true]);
      expect(command === "import" ? out : `{ context: "blue" }`).toContain('{ context: "blue" }');
    }
  });
});

describe("the command line with a kubeconfig", () => {
  it("prints once that access entries are not read", async () => {
    const server = Object.assign(await startApiServer(map), { groups: ["metrics.eks.amazonaws.com"] });
    write({ kubeconfig: kubeconfigOf({ x: server.url }) });
    const hint =
      "access entries take precedence over aws-auth and cannot be read: the kubeconfig does not contain the name of its EKS cluster; set --cluster, or cluster in the program";
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
    // Also in mode CONFIG_MAP, which only EKS shows.
    for (const words of [
      ["explain", `${dev}-2`],
      ["can-i", `${dev}-2`, "get", "/x"],
    ]) {
      expect(await here(...words, "--kubeconfig", "@kubeconfig")).toMatchObject({ code: 2 });
    }
  });

  it.each([[[]], [["--context", "ctx"]], [["--kubeconfig", "CONTENT"]]])(
    "does not print its content in import: with %j",
    async (args) => {
      const content = kubeconfigOf({ ctx: (await startApiServer(map)).url });
      vi.stubEnv("AWS_AUTH_KUBECONFIG", args.includes("CONTENT") ? "" : content);
      const { code, out, err } = await runHere("import", ...args.map((arg) => arg.replace("CONTENT", content)));
      vi.unstubAllEnvs();
      expect([code, out]).toEqual([0, expect.stringContaining(dev)]);
      expect(out + err).not.toContain("t0p-secret");
    },
  );

  it("writes its only context to the imported program, because others may be added later", async () => {
    write({ kubeconfig: kubeconfigOf({ staging: (await startApiServer(map)).url }) });
    const { out } = await here("import", "--kubeconfig", "@kubeconfig");
    expect(out).toContain('const cluster = { kubeconfig: "kubeconfig", context: "staging" };\n');
  });
});

describe("the command line with an EKS cluster", () => {
  let world: EntriesWorld;
  const run = (...args: readonly string[]) => runHere(...args, "--cluster", "prod");
  async function use(...given: Parameters<typeof entriesWorld>): Promise<void> {
    world = await entriesWorld(...given);
    world.kubernetes.data = map;
  }
  beforeEach(() => use());

  /** Binds ClusterRoles to every authenticated user. The cluster has no other bindings and no roles. */
  function bind(...bindings: readonly (readonly [name: string, role: string])[]): void {
    const subjects = [{ kind: "Group", name: "system:authenticated" }];
    const items = bindings.map(([name, role]) => {
      return { metadata: { name }, roleRef: { kind: "ClusterRole", name: role }, subjects };
    });
    world.kubernetes.defaultFault = () => {
      const { line = "" } = world.kubernetes.requests.at(-1) ?? {};
      const listed = line.includes("/clusterrolebindings") ? items : [];
      return line.includes("/rbac.") ? { status: 200, body: { items: listed } } : undefined;
    };
  }

  it("expands session names in access entries, and refuses a session that is not an instance", async () => {
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
      out: expect.stringContaining("  refused     {{EC2PrivateDNSName}} requires"),
    });
    expect(await explain("workers/i-01234567")).toMatchObject({ code: 0 });
  });

  it.each<["API" | "API_AND_CONFIG_MAP", string[]]>([
    ["API", []],
    ["API", ["-o", "json"]],
    ["API", ["--arn", dev]],
    ["API_AND_CONFIG_MAP", ["--arn", `${dev}-2`]],
  ])("fails instead of listing nothing if access entries cannot be read: %s %j", async (mode, args) => {
    await use(mode);
    world.aws.permit(world.deployer, ["eks:DescribeCluster"]);
    const err = expect.stringContaining("error: the mappings are unknown: ");
    expect(await run("get", "--wide", ...args)).toEqual({ code: 2, out: "", err });
  });

  it("lists the entries of aws-auth if access entries cannot be read", async () => {
    world.aws.permit(world.deployer, ["eks:DescribeCluster"]);
    expect(await run("get", "--wide", "--arn", dev)).toMatchObject({ code: 0, out: expect.stringContaining(dev) });
  });

  it("explain shortens only the default bindings of Kubernetes, not other bindings with these names", async () => {
    bind(["system:basic-user", "system:basic-user"], ["system:discovery", "cluster-admin"]);
    expect((await run("explain", dev)).out).toContain(`Bindings:
  - ClusterRoleBinding "system:discovery": ClusterRole "cluster-admin", group "system:authenticated", whose rules are not known
  - those of every authenticated user: system:basic-user
`);
  });

  it("answers unknown in mode CONFIG_MAP if the identity may have created the cluster", async () => {
    await use("CONFIG_MAP");
    bind();
    world.aws.principals.create(`${dev}-2`);
    const creator = "in mode CONFIG_MAP, the identity that created the cluster is an administrator without an entry";
    for (const words of [`explain ${dev}-2`, `can-i ${dev}-2 get /x`, "who-can get /x"]) {
      const { code, out } = await run(...words.split(" "));
      expect([words, code, out.split(`  - ${creator}`).length]).toEqual([words, 2, 2]);
      const json = await run(...words.split(" "), "-o", "json");
      expect([words, json.code, json.out.split(creator).length]).toEqual([words, 2, 2]);
    }
    expect(await run("explain", dev)).toMatchObject({ code: 0, out: expect.not.stringContaining(creator) });
  });

  it("writes the region and account of the environment to the imported program, because they may change", async () => {
    expect((await run("import")).out).toContain(
      'const cluster = { name: "prod", region: "eu-central-1", account: "111122223333" };\n',
    );
    const arn = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
    expect((await runHere("import", "--cluster", arn)).out).toContain(`const cluster = "${arn}";\n`);
  });

  it("reports with lint --verbose when each entry or its list was changed, and by which program", async () => {
    const ci = iam("role/ci");
    world.aws.principals.create(ci);
    world.aws.addServiceEntry("prod", ci, { type: "STANDARD", username: "ci" });
    world.aws.principals.delete(ci);
    world.kubernetes.data = { mapRoles: entry(iam("role/eng/dev"), "dev", "viewers") };
    const fieldsV1 = { "f:data": { "f:mapRoles": {} } };
    world.kubernetes.managedFields = [{ manager: "\u001b[2Jx", time: "2026-11-30T14:02:59Z", fieldsV1 }];
    const wordings = (out: string) => out.match(/^ {2}last .*$/gm);
    expect(wordings((await run("lint", "--verbose")).out)).toEqual([
      expect.stringMatching(/^ {2}last changed \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
      '  last written by "\\u001b[2Jx", 2026-11-30 14:02 UTC',
    ]);
    expect(wordings((await run("lint")).out)).toBeNull();
    const fields = async (...args: readonly string[]) =>
      JSON.parse((await run("lint", "-o", "json", ...args)).out).map((problem: object) =>
        Object.fromEntries(Object.entries(problem).filter(([name]) => name.startsWith("last"))),
      );
    expect(await fields("--verbose")).toEqual([
      { lastChange: expect.stringMatching(/^\d{4}-.*Z$/) },
      { lastWriter: "\u001b[2Jx", lastChange: "2026-11-30T14:02:59.000Z" },
      {},
    ]);
    expect(await fields()).toEqual([{}, {}, {}]);
  });

  it.each([
    ["can-i", dev, "get"],
    ["who-can", "get"],
  ])("fails %s if the server lists only some of its resource types", async (...words) => {
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

describe("migrate", () => {
  const command = ["migrate", "--cluster", "prod"];
  const migrate = ({ aws, caller }: MigrationWorld) => runCli(command, { env: aws.env(caller) });

  it("prints the output in docs/command-line.md, and changes nothing", async () => {
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

  it("requires exactly the permissions in docs/permissions.md", async () => {
    const policy = await documentedPolicy("reads", "commands");
    const world = await migrationWorld({
      // IAM Identity Center is asked for the role that replaces this one, which cannot move.
      mapRoles: ["admins", "AWSReservedSSO_Ops_0123456789abcdef"]
        .map((role) => entry(iam(`role/${role}`), "admin", "system:masters"))
        .join(""),
      mapUsers: `- userarn: ${iam("user/jane")}\n  username: jane\n`,
    });
    moveSome(world);
    world.aws.addServiceEntry("prod", iam("user/jane"), { type: "STANDARD", username: "jane" });
    world.aws.addFargateProfile("prod", { fargateProfileName: "batch", podExecutionRoleArn: iam("role/ci") });
    world.aws.attach(world.caller, policy);
    expect((await migrate(world)).code).toBe(1);
    for (const missing of actionsOf(policy)) {
      world.aws.attach(world.caller, withoutAction(policy, missing));
      const { code, stdout, stderr } = await migrate(world);
      // IAM is only queried to detect dead access entries.
      expect([missing, code]).toEqual([missing, missing.startsWith("iam:") ? 1 : 2]);
      expect(stdout + stderr).toContain(`cannot perform ${missing} (`);
    }
  });
});

describe("many clusters", () => {
  const json = async (...args: readonly string[]) => {
    const { code, out } = await runHere(...args, "-o", "json");
    return { code, data: JSON.parse(out) };
  };

  it("have the same reports in migrate as in single runs, one row each, and exit code 2 if one cannot be read", async () => {
    const { aws, api, caller } = await migrationWorld(sampleMap);
    const cluster = { endpoint: api.url, caData };
    aws.addCluster({ name: "new", ...cluster });
    aws.addCluster({ name: "last", ...cluster, authenticationMode: "API" });
    const unreadable = await startApiServer({ mapRoles: "- rolearn: [\n" });
    aws.addCluster({ name: "broken", endpoint: unreadable.url, caData });
    aws.addCluster({ name: "down", authenticationMode: "API_AND_CONFIG_MAP" });
    setEnv(aws.env(caller));
    const names = ["new", "last", "prod", "broken"];
    const single = await Promise.all(names.map((name) => json("migrate", "--cluster", name)));
    expect(single.map(({ code }) => code)).toEqual([0, 0, 1, 1]);
    const options = [...names, "arn:aws:eks:eu-central-1:111122223333:cluster/new"].flatMap((one) => [
      "--cluster",
      one,
    ]);
    const head = { kind: "MigrationReports", schemaVersion: 1 };
    const clusters = single.map(({ data }) => data);
    expect(await json("migrate", ...options)).toEqual({ code: 1, data: { ...head, clusters, unread: [] } });
    const message = expect.stringContaining("cannot be reached");
    const unread = [{ id: "eks:eu-central-1/down", name: "down", code: "clusterUnreachable", message }];
    const all = ["migrate", ...options, "--cluster", "down"];
    expect(await json(...all)).toEqual({ code: 2, data: { ...head, clusters, unread } });
    const { out } = await runHere(...all);
    const rows = out.slice(0, out.indexOf("\n\n")).split("\n");
    expect(rows.map((row) => row.split(/\t+/))).toEqual([
      ["CLUSTER", "MODE", "ENTRIES", "MOVED", "TO MOVE", "CANNOT", "READY"],
      ['EKS cluster "new" (eu-central-1)', "CONFIG_MAP", "7", "1", "4", "2", "yes"],
      ['EKS cluster "last" (eu-central-1)', "API", "0", "0", "0", "0", "yes"],
      ['EKS cluster "prod" (eu-central-1)', "API_AND_CONFIG_MAP", "7", "2", "3", "2", "no"],
      ['EKS cluster "broken" (eu-central-1)', "CONFIG_MAP", "unknown", "unknown", "unknown", "unknown", "no"],
      ["down", "unknown"],
    ]);
    const details = await Promise.all(names.map(async (name) => (await runHere("migrate", "--cluster", name)).out));
    expect(out).toContain(`\n${details.join("\n")}\nCould not be read:\n  - down: `);
  });

  it("have the same problems in lint as in single runs, and a total", async () => {
    const broken = manifestOf({ mapRoles: entry(iam("role/eng/dev"), "dev", "system:x") });
    write({ "a.yaml": manifestOf(map), "b.yaml": broken, "empty.yaml": "", "all.yaml": "[{ manifest: b.yaml }]" });
    const names = ["a", "b", "empty"];
    const single = await Promise.all(names.map((name) => here("lint", "--manifest", `@${name}.yaml`)));
    const manifests = names.flatMap((name) => ["--manifest", `@${name}.yaml`]);
    expect(await here("lint", ...manifests)).toEqual({
      code: 1,
      out: `${single.map(({ out }) => out).join("\n")}\n1 error and 1 warning in 3 clusters\n`,
      err: 'note: manifest "empty.yaml": there is no ConfigMap kube-system/aws-auth\n',
    });
    const problems = JSON.parse((await here("lint", "--manifest", "@b.yaml", "-o", "json")).out);
    const listed = await here("lint", "--clusters", "@all.yaml", "--manifest", "@none.yaml", "-o", "json");
    const report = JSON.parse(listed.out);
    expect([listed.code, report.clusters[0].problems]).toEqual([2, problems]);
    expect(report).toMatchObject({
      kind: "LintReport",
      schemaVersion: 1,
      clusters: [{ name: 'manifest "b.yaml"' }],
      unread: [{ name: expect.stringContaining("none.yaml"), code: "clusterNotFound" }],
    });
  });

  it("are read with at most 64 concurrent calls, one assumed role, and each principal once", async () => {
    const { aws, api, caller } = await migrationWorld({ mapRoles: entry(iam("role/ci"), "ci", "ops") });
    const names = Array.from({ length: 12 }, (_, index) => `c${index}`);
    for (const name of names) {
      aws.addCluster({ name, endpoint: api.url, caData, authenticationMode: "API_AND_CONFIG_MAP" });
      for (const role of ["all", ...Array.from({ length: 12 }, (_, index) => `${name}-${index}`)]) {
        aws.addServiceEntry(name, iam(`role/${role}`), { type: "STANDARD", username: role });
      }
    }
    aws.before = () => setTimeout(5);
    setEnv(aws.env(caller));
    const role = aws.principals.create(iam("role/reader")).arn;
    const progress: string[] = [];
    const options = [...names, "gone"].flatMap((name) => ["--cluster", name]);
    const code = await runCommand(["review", "--role-arn", role, ...options, "-o", "json"], {
      out: (text) => expect(JSON.parse(text).unread).toEqual([expect.objectContaining({ name: "gone" })]),
      err: () => {},
      progress: (count, total) => progress.push(`${count} of ${total}`),
    });
    expect([code, progress[0], progress.at(-1), progress.length]).toEqual([2, "1 of 13", "13 of 13", 13]);
    expect(aws.mostAtOnce).toBeLessThanOrEqual(64);
    expect([aws.count("AssumeRole"), aws.count("GetRole")]).toEqual([1, 12 * 12 + 2]);
  });
});

it("review shows two contexts of one server that differ only in their certificate authority", async () => {
  const { url } = await startApiServer(map);
  const kubeconfig = JSON.parse(kubeconfigOf({ blue: url, green: url }));
  const both = Buffer.concat([pem("stranger"), pem("ca")]).toString("base64");
  kubeconfig.clusters[1].cluster["certificate-authority-data"] = both;
  write({ kubeconfig: JSON.stringify(kubeconfig) });
  const { out } = await here("review", "--kubeconfig", "@kubeconfig", "--context", "blue", "--context", "green");
  expect(out).toMatch(/^2 clusters, .*\n\nthe cluster of context "blue"\n.*\nthe cluster of context "green"\n/s);
});

describe("review --clusters", () => {
  const gateway = "https://gateway.example.com";

  it("prefers the items of the list over the environment", async () => {
    const directory = await temporaryDirectory();
    const items = [{ kubeconfig: "own.json", context: "a" }, { context: "b" }];
    await writeFile(join(directory, "clusters.yaml"), JSON.stringify(items));
    for (const name of ["own.json", "env.json"]) {
      await writeFile(join(directory, name), kubeconfigOf({ a: gateway, b: gateway }));
    }
    vi.stubEnv("AWS_AUTH_KUBECONFIG", join(directory, "env.json"));
    vi.stubEnv("AWS_AUTH_CONTEXT", "a");
    const targets = await targetsOf({ clusters: join(directory, "clusters.yaml") }, { out: () => {}, err: () => {} });
    const { clusters, unread } = await readClusters(targets, String, async (ref) => ({
      id: JSON.stringify(stateOf(ref)),
      name: "",
    }));
    vi.unstubAllEnvs();
    expect(unread).toEqual([]);
    expect(clusters.map(({ id }) => JSON.parse(id).context)).toEqual(["a", "b"]);
  });

  it.each(["AWS_AUTH_KUBECONFIG", "KUBECONFIG"])(
    "resolves a path in %s from the working directory, not from the directory of the list",
    async (variable) => {
      const [own, other] = [await startApiServer({ mapRoles: "[]\n" }), await startApiServer({ mapRoles: "[]\n" })];
      const cwd = await temporaryDirectory();
      await mkdir(join(cwd, "lists"));
      await writeFile(join(cwd, "kubeconfig"), kubeconfigOf({ prod: own.url }));
      await writeFile(join(cwd, "lists", "kubeconfig"), kubeconfigOf({ prod: other.url }));
      await writeFile(join(cwd, "lists", "clusters.yaml"), "- context: prod\n");
      await runCli(["review", "--clusters", "lists/clusters.yaml"], { cwd, env: { [variable]: "kubeconfig" } });
      expect([own.requests.length > 0, other.requests.length > 0]).toEqual([true, false]);
    },
  );
});
