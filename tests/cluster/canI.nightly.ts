import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type CliResult, runCli } from "../support/cli/runCli.ts";
import { grant, readerRules } from "../support/cluster/awsAuth.ts";
import { documentedObjects } from "../support/cluster/permissions.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { readPages } from "../support/docs/markdown.ts";
import { sample } from "../support/nightly.ts";
import { openOffice, roleArn, sessionArn } from "../support/rbac/office.ts";

const [dev, ops, twin] = [roleArn("dev"), roleArn("ops"), "arn:aws:iam::111122223333:user/twin"];
const label = 'the cluster of context "admin"';
const cannotList = "listing clusterrolebindings, rolebindings, clusterroles and roles returned 403";
const remedy = "bind a ClusterRole that allows list on clusterrolebindings, rolebindings, clusterroles and roles";

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: "reader" }, { name: "auditor" }] });
  await openOffice(cluster);
  await grant(cluster, "reader", readerRules);
  await grant(cluster, "auditor", readerRules);
});
afterAll(() => cluster?.stop());

function run(args: readonly string[], user = "admin"): Promise<CliResult> {
  return runCli([...args, "--kubeconfig", cluster.kubeconfigFile(user)]);
}

/** The same, with the lines of its output put together again. */
async function ask(args: readonly string[], user?: string): Promise<CliResult> {
  const { stdout, ...result } = await run(args, user);
  return { ...result, stdout: stdout.replace(/\n {4,}/g, " ") };
}

describe("can-i", () => {
  it("says yes as kubectl does, and by which entry, group, binding and rule", async () => {
    expect(await run(["can-i", dev, "get", "po"])).toEqual({
      code: 0,
      stderr: "",
      stdout: `yes

${dev} may get pods in namespace "default"

  username    dev
  groups      developers
  given by    mapRoles entry 2 (line 4)

  - RoleBinding "deploy" in "default", Role "deployer", group "developers";
    rule: get, list on pods, pods/log
`,
    });
  });

  it("says no, names bindings to a role that is missing, and exits with 1", async () => {
    const { code, stdout, stderr } = await ask(["can-i", dev, "delete", "deployments.v1.apps", "-A"]);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toMatch(/^no\n\n\S+ may not delete deployments\.apps in all namespaces\n/);
    expect(stdout).toContain('  - RoleBinding "broken" in "default" names Role "gone", which does not exist\n');
  });

  /** The authorizer's own tests have more of them. */
  const questions: readonly (readonly [arn: string, code: number, words: string[]])[] = [
    [dev, 0, ["get", "pods", "--subresource=log"]],
    [dev, 1, ["get", "pods", "--subresource=exec"]],
    [dev, 0, ["PATCH", "deployment"]],
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
    [ops, '- it depends on the session\'s name: only a login as username "ops:jane" may\n'],
    [twin, "Which of these counts is random, from one login to the next:\n"],
    [
      roleArn("node"),
      "- no role allows it, but the API server's Node authorizer also gives nodes what their pods need",
    ],
    [roleArn("AWSReservedSSO_Dev_0123456789abcdef"), "depends on the authenticator's feature gate SSORoleMatch"],
  ])("cannot tell of %s, says why, and exits with 2", async (arn, reason) => {
    const { code, stdout } = await ask(["can-i", arn, "get", "pods"]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^cannot tell\n/);
    expect(stdout).toContain(reason);
  });

  it.each([
    [["frob", "widgets.example.com"], "the server doesn't have a resource type 'widgets' in group 'example.com'"],
    [["frob", "pods"], "verb 'frob' is not a known verb"],
    [["list", "no", "-n", "default"], "resource 'nodes' is not namespace scoped"],
    [["get", "pods/log"], '"pods/log" is the object "log"; for the subresource write pods --subresource=log'],
  ])("warns of a question that may not be meant: %j", async (words, warning) => {
    expect((await run(["can-i", dev, ...words])).stderr).toContain(`warning: ${warning}\n`);
  });

  it("takes the namespace of the kubeconfig's context", async () => {
    const context = { cluster: "c", user: "u", namespace: "kube-public" };
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster: { server: cluster.server, "certificate-authority-data": cluster.caData } }],
      users: [{ name: "u", user: { token: cluster.adminToken } }],
      contexts: [{ name: "x", context }],
      "current-context": "x",
    });
    const { code, stdout } = await runCli(["can-i", dev, "get", "pods"], { env: { AWS_AUTH_KUBECONFIG: kubeconfig } });
    expect(stdout).toContain('may not get pods in namespace "kube-public"\n');
    expect(code).toBe(1);
  });

  it("prints the same as json and as yaml", async () => {
    const json = JSON.parse((await run(["can-i", dev, "get", "secret/app", "-o", "json"])).stdout);
    expect(json).toEqual({
      arn: dev,
      request: { verb: "get", group: "", resource: "secrets", name: "app", namespace: "default" },
      answer: "yes",
      logins: [
        {
          mapped: true,
          username: "dev",
          groups: ["developers"],
          givenBy: { key: "mapRoles", position: 2, line: 4, arn: dev },
          answer: "yes",
          reasons: [
            'RoleBinding "deploy" in "default", Role "deployer", group "developers"; rule: get on secrets, named "app" only',
          ],
          grants: [
            {
              through: { kind: "Group", name: "developers" },
              binding: { kind: "RoleBinding", name: "deploy", namespace: "default" },
              role: { kind: "Role", name: "deployer" },
              rule: { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["app"] },
            },
          ],
        },
      ],
    });
    expect(parse((await run(["can-i", dev, "get", "secret/app", "-o", "yaml"])).stdout)).toEqual(json);
  });
});

describe("who-can", () => {
  it("lists everybody with every way to it, and those for whom it cannot tell", async () => {
    const { code, stdout, stderr } = await ask(["who-can", "get", "pods"]);
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
    expect(doubts.split("\n").map((line) => line.replace(/:? by .*/, ""))).toEqual([
      "Cannot tell:",
      `  - ${ops}`,
      `  - ${roleArn("node")}`,
      `  - ${roleArn("AWSReservedSSO_Dev_*")}`,
      "  - arn:aws:iam::111122223333:user/Twin",
      "",
    ]);
  });

  it("names those of a mapped account whom a binding names, and the account for what everybody may", async () => {
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

  it("prints the same as json and as yaml", async () => {
    const json = JSON.parse((await run(["who-can", "delete", "nodes", "-o", "json"])).stdout);
    expect(json).toMatchObject({
      request: { verb: "delete", group: "", resource: "nodes" },
      identities: [
        { identity: roleArn("admin"), answer: "yes", logins: [{ username: "admin", givenBy: { position: 1 } }] },
        { identity: roleArn("node"), answer: "unknown" },
      ],
    });
    expect(parse((await run(["who-can", "delete", "nodes", "-o", "yaml"])).stdout)).toEqual(json);
  });
});

describe("explain", () => {
  it("goes on to the rights: the strongest first, by which binding and through whom", async () => {
    const { code, stdout } = await ask(["explain", dev]);
    expect(code).toBe(0);
    expect(stdout).toContain(`
Rights:
  - Role "deployer" (creates pods) in "default": RoleBinding "deploy", group "developers"
  - ClusterRole "nodes" (reads) in "default": RoleBinding "nodes", group "developers"
  - view everywhere: ClusterRoleBinding "viewers", group "developers"
  - Role "gone" (does not exist, so nothing) in "default": RoleBinding "broken", group "developers"
  - what Kubernetes gives to every authenticated user: system:basic-user, system:discovery, system:public-info-viewer
`);
    expect((await ask(["explain", ops])).stdout).toContain(
      '\n  - Role "deployer" (creates pods) in "default": RoleBinding "jane", username "ops:jane", only for logins with that name\n',
    );
    expect((await ask(["explain", roleArn("admin")])).stdout).toContain(
      '\n  - everything everywhere: group "system:masters"\n  - cluster-admin everywhere: ClusterRoleBinding "cluster-admin", group "system:masters"\n',
    );
  });

  it("gives the rights of each entry that may count, as json and yaml too", async () => {
    const { stdout } = await ask(["explain", twin]);
    expect(stdout).toContain("\nRights by mapUsers entry 1 (line 1):\n");
    expect(stdout).toContain("\nRights by mapUsers entry 2 (line 4):\n");
    const json = JSON.parse((await run(["explain", twin, "-o", "json"])).stdout);
    expect(json.rights[0]).toEqual({
      namespace: "default",
      binding: { kind: "RoleBinding", name: "deploy", namespace: "default" },
      role: { kind: "Role", name: "deployer" },
      allows: "workloads",
      through: { kind: "Group", name: "developers" },
    });
    expect(json.alternatives[0].rights[0]).toMatchObject({ binding: { name: "metrics" }, allows: "read" });
    expect(parse((await run(["explain", twin, "-o", "yaml"])).stdout)).toEqual(json);
  });
});

describe("who may read the map, and no bindings", () => {
  it("gets the groups, what system:masters may, and a sentence that names what to allow", async () => {
    const explained = await ask(["explain", dev], "reader");
    expect(explained.code).toBe(0);
    expect(explained.stdout).toContain(`\nRights:\n  - not known: ${cannotList}; ${remedy}`);
    expect(JSON.parse((await run(["explain", dev, "-o", "json"], "reader")).stdout)).toMatchObject({
      rights: [],
      rightsUnread: expect.stringContaining(remedy),
    });
    const asked = await ask(["can-i", dev, "get", "pods"], "reader");
    expect([asked.code, asked.stdout.split("\n")[0]]).toEqual([2, "cannot tell"]);
    expect(asked.stdout).toContain(remedy);
    expect((await run(["can-i", roleArn("admin"), "get", "pods"], "reader")).code).toBe(0);
    expect((await run(["can-i", roleArn("nobody"), "get", "pods"], "reader")).code).toBe(1);
    expect(await run(["who-can", "get", "pods"], "reader")).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(new RegExp(`^error: cannot tell who can get pods .*: ${cannotList}; ${remedy}`)),
    });
  });

  it("gets all of it with the ClusterRole that docs/permissions.md prints", async () => {
    const documented = documentedObjects().find(({ metadata }) => metadata.name === "rbac-reader");
    const group = "/apis/rbac.authorization.k8s.io/v1";
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "rbac-reader" };
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "auditor" }];
    await cluster.request("POST", `${group}/clusterroles`, documented);
    await cluster.request("POST", `${group}/clusterrolebindings`, {
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
    const found = /^\$ npx pulumi-aws-auth ([^\n]*) --context prod\n(.*)$/s.exec(text);
    return found === null ? [] : [found];
  });
  expect(commands.map(([, command]) => command?.split(" ")[0])).toEqual(["explain", "can-i", "who-can"]);
  for (const [, command = "", output] of commands) {
    const { stdout } = await run(command.split(" "));
    expect(stdout.replace('context "admin"', 'context "prod"')).toBe(output);
  }
});

it("names the cluster in the answer for an identity that it does not map", async () => {
  const { stdout } = await run(["can-i", roleArn("nobody"), "get", "pods"]);
  expect(stdout).toContain(`\nNot mapped in ${label}: its logins are refused.\n`);
});
