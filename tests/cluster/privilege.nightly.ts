import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ConfigMapStore, openStore, resolveClusterRef } from "../../provider/cluster/index.ts";
import { runCli } from "../support/cli/runCli.ts";
import { AwsAuthMap, grant, readerRules, writerRules } from "../support/cluster/awsAuth.ts";
import { type CountingProxy, startCountingProxy } from "../support/cluster/countingProxy.ts";
import { documentedObjects, type Rule } from "../support/cluster/permissions.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { TestProject } from "../support/engine/testProject.ts";

const collection = "/api/v1/namespaces/kube-system/configmaps";
const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system";
const data = { mapRoles: "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n" };

/** The documented Role less one verb. */
const without = (verb: string): readonly Rule[] =>
  writerRules
    .map((rule) => ({ ...rule, verbs: rule.verbs.filter((other) => other !== verb) }))
    .filter(({ verbs }) => verbs.length > 0);

let cluster: TestCluster;
let map: AwsAuthMap;
let proxy: CountingProxy;

beforeAll(async () => {
  cluster = await startCluster({
    users: [
      { name: "onlooker" },
      { name: "member", groups: ["aws-auth-writers"] },
      ...["get", "patch", "create"].map((verb) => ({ name: `without-${verb}` })),
    ],
  });
  map = new AwsAuthMap(cluster);
  proxy = await startCountingProxy(cluster);
  await grant(cluster, "onlooker", readerRules);
  for (const verb of ["get", "patch", "create"]) {
    await grant(cluster, `without-${verb}`, without(verb));
  }
});
beforeEach(() => map.reset(data));
afterAll(async () => {
  await proxy?.stop();
  await cluster?.stop();
});

async function storeOf(user: string): Promise<ConfigMapStore> {
  const settings = { config: () => undefined, env: {}, cwd: "/" };
  return openStore(await resolveClusterRef({ kubeconfig: cluster.kubeconfig(user) }, settings), settings);
}

describe("the documented Role", () => {
  it("is all that writing takes, applied just as it is printed", async () => {
    for (const object of documentedObjects().filter(({ metadata }) => metadata.namespace === "kube-system")) {
      const kind = object.kind === "Role" ? "roles" : "rolebindings";
      expect(await cluster.request("POST", `${rbac}/${kind}`, object)).toMatchObject({ status: 201 });
    }
    const store = await storeOf("member");
    await store.write({ data: { mapUsers: "[]\n" } }, await store.read());
    expect(await map.data()).toEqual({ ...data, mapUsers: "[]\n" });
    await map.reset(undefined);
    await store.write({ data }, await store.read());
    expect(await map.data()).toEqual(data);
  });

  it("gives no right to anything else", async () => {
    const as = { authorization: `Bearer ${cluster.token("member")}` };
    for (const [method, path] of [
      ["DELETE", `${collection}/aws-auth`],
      ["PUT", `${collection}/aws-auth`],
      ["GET", collection],
      ["GET", `${collection}/kube-root-ca.crt`],
      ["GET", "/api/v1/namespaces/kube-system/secrets"],
    ] as const) {
      expect(await cluster.request(method, path, undefined, as)).toMatchObject({ status: 403 });
    }
  });

  it.each([
    ["get", async (store: ConfigMapStore) => store.read(), 'get on configmaps "aws-auth"'],
    [
      "patch",
      async (store: ConfigMapStore) => store.write({ data: { mapUsers: "[]\n" } }, await store.read()),
      'patch on configmaps "aws-auth"',
    ],
    [
      "create",
      async (store: ConfigMapStore) => {
        await map.reset(undefined);
        return store.write({ data }, await store.read());
      },
      "create on configmaps (a rule for create cannot name a single ConfigMap)",
    ],
  ])("has no verb too many: without %s the error says so", async (verb, use, remedy) => {
    await expect(use(await storeOf(`without-${verb}`))).rejects.toMatchObject({
      code: "accessDenied",
      message: expect.stringContaining(remedy),
    });
  });
});

describe("who may only get the map", () => {
  it("can use every command, which send nothing but reads", async () => {
    const project = await TestProject.create();
    await project.write("kubeconfig", proxy.kubeconfig("onlooker", "commands"));
    const dev = "arn:aws:iam::111122223333:role/dev";
    for (const [expected, ...args] of [
      [0, "get"],
      [0, "explain", dev],
      [0, "lint"],
      [0, "import"],
      [0, "import", "-o", "yaml"],
      // Nobody but an administrator can be told about without the bindings.
      [2, "can-i", dev, "get", "pods"],
      [2, "who-can", "get", "pods"],
    ] as const) {
      const { code, stderr } = await runCli([...args, "--kubeconfig", "kubeconfig"], { cwd: project.directory });
      expect({ args, code, stderr }).toMatchObject({ code: expected });
    }
    const asked = proxy.requests.filter(({ client }) => client === "commands");
    const lists = ["clusterrolebindings", "rolebindings", "clusterroles", "roles"];
    expect(asked.filter(({ path }) => path === `${collection}/aws-auth`)).toHaveLength(7);
    expect(new Set(asked.map(({ method, path, status }) => `${method} ${path} ${status}`))).toEqual(
      new Set([
        `GET ${collection}/aws-auth 200`,
        ...lists.map((list) => `GET /apis/rbac.authorization.k8s.io/v1/${list}?limit=500 403`),
        "GET /api 200",
        "GET /apis 200",
      ]),
    );
    await project.remove();
  });

  it("can preview and look a map up, which send nothing but reads: the map, and the bindings and roles for the access lines", async () => {
    const project = await TestProject.create({ config: { "aws-auth:kubeconfig": "kubeconfig" } });
    await project.write("kubeconfig", proxy.kubeconfig("onlooker", "preview"));
    await project.program(`
      new IdentityMapping("a", { arn: "arn:aws:iam::111122223333:role/a", username: "a" });
      new IdentityMapping("b", { arn: "arn:aws:iam::111122223333:role/b", username: "b" });
    `);
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 to create") });
    const asked = proxy.requests.filter(({ client }) => client === "preview");
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    expect(asked.map(({ method, path, status }) => `${method} ${path} ${status}`).toSorted()).toEqual([
      `GET ${collection}/aws-auth 200`,
      `GET ${rbac}/clusterrolebindings?limit=500 403`,
      `GET ${rbac}/clusterroles?limit=500 403`,
      `GET ${rbac}/rolebindings?limit=500 403`,
      `GET ${rbac}/roles?limit=500 403`,
    ]);
    await project.remove();
  });
});
