import { describe, expect } from "vitest";
import type { ConfigMapStore } from "../../provider/cluster/store.ts";
import { runCli } from "../support/cli/runCli.ts";
import { configMaps, documentedObjects, grant, rbac, writerRules } from "../support/cluster/awsAuth.ts";
import { storeOf, test } from "../support/cluster/deployer.ts";
import type { FaultProxy } from "../support/proxy/faultProxy.ts";
import { rolesNamed } from "../support/variants/declared.ts";
import { sdkVariant } from "../support/variants/variant.ts";

const data = { mapRoles: "- rolearn: arn:aws:iam::111122223333:role/dev\n  username: dev\n  groups: [viewers]\n" };
const edit = async (store: ConfigMapStore) => store.write({ data: { mapUsers: "[]\n" } }, await store.read());
const verbs = ["get", "patch", "create"] as const;

test.override("furtherUsers", [
  { name: "member", groups: ["aws-auth-writers"] },
  ...verbs.map((verb) => ({ name: `without-${verb}` })),
]);
/** What shows that a server is not one of EKS. */
const serverReads = ["GET /apis 200", "GET /version 200"];
test.beforeEach(({ map }) => map.reset(data));

describe("the documented Role", () => {
  test("allows writing if applied unchanged, and grants nothing else", async ({ cluster, map }) => {
    for (const object of documentedObjects().filter(({ metadata }) => metadata.namespace === "kube-system")) {
      const kind = object.kind === "Role" ? "roles" : "rolebindings";
      await cluster.create(`${rbac}/namespaces/kube-system/${kind}`, object);
    }
    const store = await storeOf(cluster.kubeconfig("member"));
    await edit(store);
    expect(await map.data()).toEqual({ ...data, mapUsers: "[]\n" });
    await map.reset(undefined);
    await store.write({ data }, await store.read());
    expect(await map.data()).toEqual(data);
    const as = { authorization: `Bearer ${cluster.token("member")}` };
    for (const [method, path] of [
      ["DELETE", `${configMaps}/aws-auth`],
      ["PUT", `${configMaps}/aws-auth`],
      ["GET", configMaps],
      ["GET", `${configMaps}/kube-root-ca.crt`],
      ["GET", "/api/v1/namespaces/kube-system/secrets"],
    ] as const) {
      expect(await cluster.request(method, path, undefined, as)).toMatchObject({ status: 403 });
    }
  });

  test.for([
    ["get", 'get on configmaps "aws-auth"'],
    ["patch", 'patch on configmaps "aws-auth"'],
    ["create", "create on configmaps (a rule for create cannot be limited to one ConfigMap)"],
  ] as const)("needs the verb %s, which the error names if it is missing", async ([verb, remedy], { cluster, map }) => {
    const fewer = writerRules.map((rule) => ({ ...rule, verbs: rule.verbs.filter((other) => other !== verb) }));
    await grant(
      cluster,
      `without-${verb}`,
      fewer.filter((rule) => rule.verbs.length > 0),
    );
    if (verb === "create") {
      await map.reset(undefined);
    }
    await expect(edit(await storeOf(cluster.kubeconfig(`without-${verb}`)))).rejects.toMatchObject({
      code: "accessDenied",
      message: expect.stringContaining(remedy),
    });
  });
});

describe("a user that may only get the map", () => {
  const requestsOf = ({ requests }: FaultProxy) =>
    requests.map(({ method, path, status }) => `${method} ${path} ${status}`).toSorted();
  const mapRead = `GET ${configMaps}/aws-auth 200`;
  const listsRefused = ["clusterrolebindings", "rolebindings", "clusterroles", "roles"].map(
    (list) => `GET ${rbac}/${list}?limit=500 403`,
  );

  test.beforeEach(({ proxy }) => proxy.reset());

  test("can use every command, which only send reads", async ({ proxy, addProject }) => {
    const project = await addProject();
    await project.write("kubeconfig", proxy.kubeconfig("reader"));
    const dev = "arn:aws:iam::111122223333:role/dev";
    const commands = [
      [0, "get"],
      [0, "explain", dev],
      [0, "lint"],
      [0, "import"],
      [0, "import", "-o", "yaml"],
      // Without the bindings, only an administrator's rights are known.
      [2, "can-i", dev, "get", "pods"],
      [2, "who-can", "get", "pods"],
      [2, "review"],
    ] as const;
    for (const [expected, ...args] of commands) {
      const { stdout, ...ended } = await runCli([...args, "--kubeconfig", "kubeconfig"], { cwd: project.directory });
      expect({ args, ...ended }).toMatchObject({ code: expected });
      if (args[0] === "lint") {
        expect(stdout).toContain("listing clusterrolebindings, rolebindings returned 403");
      }
    }
    const requests = requestsOf(proxy);
    expect(requests.filter((request) => request === mapRead)).toHaveLength(commands.length);
    expect(new Set(requests)).toEqual(new Set([mapRead, ...listsRefused, "GET /api 200", ...serverReads]));
  });

  test("can preview, which reads only the map, the type of the server, and the bindings and roles for the access lines", async ({
    proxy,
    addProject,
  }) => {
    const project = await addProject({ config: { "aws-auth:kubeconfig": "kubeconfig" } });
    await project.write("kubeconfig", proxy.kubeconfig("reader"));
    await project.program(sdkVariant.program(rolesNamed(["a", "b"])));
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 to create") });
    expect(requestsOf(proxy)).toEqual([mapRead, ...listsRefused, ...serverReads].toSorted());
  });
});
