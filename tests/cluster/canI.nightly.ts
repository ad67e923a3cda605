import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamicFile } from "../support/authenticator/dynamicFile.ts";
import type { AwsCaller } from "../support/aws/caller.ts";
import { type CliResult, runCli } from "../support/cli/runCli.ts";
import { grant, readerRules } from "../support/cluster/awsAuth.ts";
import { documentedObjects } from "../support/cluster/permissions.ts";
import { readPages } from "../support/docs/markdown.ts";
import { type AccessEntryCluster, startEntryCluster } from "../support/eks/entryCluster.ts";
import { sample } from "../support/nightly.ts";
import { openOffice, roleArn, sessionArn } from "../support/rbac/office.ts";

const [dev, ops, twin] = [roleArn("dev"), roleArn("ops"), "arn:aws:iam::111122223333:user/twin"];
const cannotList = "listing clusterrolebindings, rolebindings, clusterroles, roles returned 403";
const remedy = "bind a ClusterRole that allows list on clusterrolebindings, rolebindings, clusterroles, roles";

let world: AccessEntryCluster;
let callers: ReadonlyMap<string, AwsCaller>;
beforeAll(async () => {
  world = await startEntryCluster("CONFIG_MAP");
  await openOffice(world.cluster);
  const users = ["admin", "reader", "auditor"].map((name) => ({
    name,
    principal: world.aws.principals.create(`arn:aws:iam::111122223333:user/${name}`),
  }));
  callers = new Map(users.map(({ name, principal }) => [name, world.aws.caller(name, principal.arn)]));
  // They log in beside the map, which has to be that of the office alone.
  const entries = users.map(({ name, principal: { arn, uniqueId } }) => ({
    principalArn: arn,
    uniqueId,
    type: "STANDARD",
    username: name,
    kubernetesGroups: name === "admin" ? ["system:masters"] : [],
    policies: [],
  }));
  await world.authenticator.setEntries(dynamicFile(entries));
  await grant(world.cluster, "reader", readerRules);
  await grant(world.cluster, "auditor", readerRules);
});
afterAll(() => world?.stop());

function run(args: readonly string[], user = "admin"): Promise<CliResult> {
  const cluster = ["--cluster", "prod", "--region", "eu-central-1"];
  return runCli([...args, ...cluster], { env: world.aws.env(callers.get(user)) });
}

describe("can-i", () => {
  it("answers yes, and by which entry, group and binding", async () => {
    expect(await run(["can-i", dev, "get", "po"])).toEqual({
      code: 0,
      stderr: "",
      stdout: `yes

${dev} may get pods in namespace "default"

  username    dev
  groups      developers
  given by    mapRoles entry 2 (line 4)
  - RoleBinding "deploy" in "default": Role "deployer", group "developers"
`,
    });
  });

  it("answers no, and exits with 1", async () => {
    const { code, stdout, stderr } = await run(["can-i", dev, "delete", "deployments.apps", "-A"]);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/^no\n\n\S+ may not delete deployments\.apps in all namespaces\n/);
    expect(stdout).toContain('  - none of its bindings and access policies allows it; "explain" lists them\n');
  });

  /** The authorizer's own tests have more of them. */
  const questions: readonly (readonly [arn: string, code: number, words: string[]])[] = [
    [dev, 0, ["get", "pods", "--subresource=log"]],
    [dev, 1, ["get", "pods", "--subresource=exec"]],
    [dev, 0, ["patch", "deployment"]],
    [dev, 0, ["get", "secret/app"]],
    [dev, 1, ["get", "secret/other"]],
    [dev, 1, ["get", "secrets"]],
    [dev, 1, ["get", "pods", "-n", "kube-public"]],
    // A RoleBinding gives nothing outside of its namespace, and so no nodes.
    [dev, 1, ["list", "nodes"]],
    [ops, 0, ["get", "/metrics/x"]],
    [ops, 1, ["post", "/metrics/x"]],
    [roleArn("admin"), 0, ["*", "*", "--all-namespaces"]],
    [sessionArn("ops", "jane"), 0, ["get", "pods"]],
    [sessionArn("ops", "joe"), 1, ["get", "pods"]],
    [roleArn("nobody"), 1, ["get", "pods"]],
    [sessionArn("node", "not-an-instance"), 1, ["get", "/api"]],
    ["arn:aws:iam::012345678901:role/partner", 0, ["get", "/metrics/x"]],
    ["arn:aws:iam::012345678901:role/other", 1, ["get", "/metrics/x"]],
    // The same whichever of the two entries counts.
    [twin, 0, ["get", "/api"]],
  ];
  it.each(sample(questions, 6))("%s: exit code %i for %j", async (arn, code, words) => {
    const { stdout, ...result } = await run(["can-i", arn, ...words]);
    expect(result.code).toBe(code);
    expect(stdout.split("\n")[0]).toBe(code === 0 ? "yes" : "no");
  });

  it.each([
    [ops, '- it depends on the name of the session: only a login as username "ops:jane" may\n'],
    [twin, "Which of its entries counts cannot be known:\n"],
    [roleArn("node"), "- the API server's Node authorizer gives nodes more than roles do\n"],
    [roleArn("AWSReservedSSO_Dev_0123456789abcdef"), "Which of its entries counts cannot be known:\n"],
  ])("answers unknown for %s, with the reason, and exits with 2", async (arn, reason) => {
    const { code, stdout } = await run(["can-i", arn, "get", "pods"]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^unknown\n/);
    expect(stdout).toContain(reason);
  });

  it("takes the namespace of the kubeconfig's context, and does not know access entries", async () => {
    const context = { cluster: "c", user: "u", namespace: "kube-public" };
    const kubeconfig = JSON.stringify({
      clusters: [
        { name: "c", cluster: { server: world.cluster.server, "certificate-authority-data": world.cluster.caData } },
      ],
      users: [{ name: "u", user: { token: world.cluster.adminToken } }],
      contexts: [{ name: "x", context }],
      "current-context": "x",
    });
    const { code, stdout } = await runCli(["can-i", dev, "get", "pods"], { env: { AWS_AUTH_KUBECONFIG: kubeconfig } });
    expect(stdout).toContain('may or may not get pods in namespace "kube-public"\n');
    expect(stdout).toContain("- a kubeconfig does not lead to the EKS API; name the EKS cluster with --cluster\n");
    expect(code).toBe(2);
  });
});

describe("who-can", () => {
  it("lists each identity with every binding, and those of which it is unknown", async () => {
    const { code, stdout, stderr } = await run(["who-can", "get", "pods"]);
    expect([code, stderr]).toEqual([0, ""]);
    const [table = "", doubts = ""] = stdout.split("\n\n");
    expect(table.split("\n").map((row) => row.split(/\t+/))).toEqual([
      ["IDENTITY", "ENTRY", "THROUGH", "BINDING", "ROLE"],
      [roleArn("admin"), "mapRoles entry 1 (line 1)", "Group/system:masters", "none is needed", "everything"],
      [
        roleArn("admin"),
        "mapRoles entry 1 (line 1)",
        "Group/system:masters",
        "ClusterRoleBinding/cluster-admin",
        "ClusterRole/cluster-admin",
      ],
      [dev, "mapRoles entry 2 (line 4)", "Group/developers", "RoleBinding/default/deploy", "Role/deployer"],
    ]);
    expect(doubts.split("\n").map((line) => line.replace(/: map.*/, ""))).toEqual([
      "Unknown:",
      `  - ${ops}`,
      `  - ${roleArn("node")}`,
      `  - ${roleArn("AWSReservedSSO_Dev_*")}`,
      "  - arn:aws:iam::111122223333:user/Twin",
      "",
    ]);
  });

  it("lists the identities of a mapped account that a binding names, and the account for the others", async () => {
    const identities = async (...words: string[]) => {
      const { stdout } = await run(["who-can", ...words, "-o", "json"]);
      const data: { identities: { identity: string; answer: string }[] } = JSON.parse(stdout);
      return data.identities.flatMap(({ identity, answer }) => (answer === "yes" ? [identity] : []));
    };
    expect(await identities("get", "/metrics/x")).toEqual([
      roleArn("admin"),
      ops,
      "arn:aws:iam::012345678901:role/partner",
    ]);
    expect(await identities("get", "/api")).toEqual(
      expect.arrayContaining(["arn:aws:iam::012345678901:role/partner", "account 012345678901"]),
    );
  });
});

describe("explain", () => {
  it("lists the bindings, and through whom", async () => {
    const { code, stdout } = await run(["explain", dev]);
    expect(code).toBe(0);
    expect(stdout).toContain(`
Bindings:
  - ClusterRoleBinding "viewers": ClusterRole "view", group "developers"
`);
    expect(stdout).toContain('\n  - RoleBinding "deploy" in "default": Role "deployer", group "developers"\n');
    expect(stdout).toContain(
      '\n  - RoleBinding "broken" in "default": Role "gone", group "developers", whose rules are not known\n',
    );
    expect(stdout).toMatch(/\n {2}- those of every authenticated user: .*system:discovery/);
    expect((await run(["explain", ops])).stdout).toContain(
      '\n  - RoleBinding "jane" in "default": Role "deployer", username "ops:jane", only for logins with that name\n',
    );
    expect((await run(["explain", roleArn("admin")])).stdout).toContain(
      '\n  - everything, as a member of system:masters\n  - ClusterRoleBinding "cluster-admin": ClusterRole "cluster-admin", group "system:masters"\n',
    );
  });

  it("lists the bindings of each entry that may count, as JSON too", async () => {
    const json = JSON.parse((await run(["explain", twin, "-o", "json"])).stdout);
    expect(json).toMatchObject({ answer: "yes", logins: [{}, {}] });
    expect(json.logins[0].bindings).toContainEqual({
      through: { kind: "Group", name: "developers" },
      binding: { kind: "RoleBinding", name: "deploy", namespace: "default" },
      role: { kind: "Role", name: "deployer" },
    });
  });
});

describe("who may read the map, and no bindings", () => {
  it("gets the groups, what system:masters may, and a sentence that names what to allow", async () => {
    const explained = await run(["explain", dev], "reader");
    expect(explained.code).toBe(0);
    expect(explained.stdout).toContain(`\nBindings:\n  - not known: ${cannotList}; ${remedy}`);
    expect(JSON.parse((await run(["explain", dev, "-o", "json"], "reader")).stdout)).toMatchObject({
      logins: [{ bindings: [] }],
      bindingsUnread: expect.stringContaining(remedy),
    });
    const asked = await run(["can-i", dev, "get", "pods"], "reader");
    expect([asked.code, asked.stdout.split("\n")[0]]).toEqual([2, "unknown"]);
    expect(asked.stdout).toContain(remedy);
    expect((await run(["can-i", roleArn("admin"), "get", "pods"], "reader")).code).toBe(0);
    expect((await run(["can-i", roleArn("nobody"), "get", "pods"], "reader")).code).toBe(1);
    expect(await run(["who-can", "get", "pods"], "reader")).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(new RegExp(`^error: unknown: who can get pods .*: ${cannotList}; ${remedy}`)),
    });
  });

  it("gets all of it with the ClusterRole that docs/permissions.md prints", async () => {
    const documented = documentedObjects().find(({ metadata }) => metadata.name === "rbac-reader");
    const group = "/apis/rbac.authorization.k8s.io/v1";
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "rbac-reader" };
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "auditor" }];
    await world.cluster.request("POST", `${group}/clusterroles`, documented);
    await world.cluster.request("POST", `${group}/clusterrolebindings`, {
      metadata: documented?.metadata,
      roleRef,
      subjects,
    });
    await expect.poll(async () => (await run(["who-can", "get", "pods"], "auditor")).code, { timeout: 30_000 }).toBe(0);
  });
});

it("docs/command-line.md shows what is printed", async () => {
  const blocks = readPages().flatMap((page) => (page.file === "docs/command-line.md" ? page.blocks : []));
  const shown = blocks.flatMap(({ language, text }) => (language === "text" ? [text] : []));
  const commands = shown.flatMap((text) => {
    const found = /^\$ npx pulumi-aws-auth ((?:can-i|who-can)[^\n]*) --cluster prod\n(.*)$/s.exec(text);
    return found === null ? [] : [found];
  });
  expect(commands.map(([, command]) => command?.split(" ")[0])).toEqual(["can-i", "who-can"]);
  for (const [, command = "", output] of commands) {
    const { stdout } = await run(command.split(" "));
    expect(stdout).toBe(output);
  }
});
