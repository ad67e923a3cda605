import { describe, expect, it } from "vitest";
import { readResourceTypes, readRights } from "../../../provider/cluster/kubernetes/objects.ts";
import { startApiServer } from "../../support/cluster/apiServer.ts";
import { connectTo } from "../../support/cluster/kubeconfigs.ts";

/** The responses for each path and query, those of a list in turn; other paths return 404. */
type Responses = Readonly<Record<string, object | number | readonly (object | number)[]>>;

async function connect(responses: Responses) {
  const asked: string[] = [];
  const given = new Map(Object.entries(responses).map(([path, response]) => [path, [response].flat()]));
  const server = await startApiServer(undefined);
  server.defaultFault = () => {
    const [, path = ""] = server.requests.at(-1)?.line.split(" ") ?? [];
    asked.push(path);
    const all = given.get(path) ?? [404];
    const next = all.length > 1 ? all.shift() : all[0];
    return typeof next === "number" ? { status: next, body: { kind: "Status" } } : { status: 200, body: next };
  };
  return { connection: await connectTo(server.url), asked };
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const binding = (name: string) => ({
  metadata: { name },
  roleRef: { kind: "ClusterRole", name: "x" },
  subjects: [{ kind: "User", name }],
});

describe("readRights", () => {
  it("follows the pages of each list", async () => {
    const { connection, asked } = await connect({
      [`${rbac}/clusterrolebindings?limit=500`]: { metadata: { continue: "a/b" }, items: [binding("one")] },
      [`${rbac}/clusterrolebindings?limit=500&continue=a%2Fb`]: { metadata: {}, items: [binding("two")] },
      [`${rbac}/rolebindings?limit=500`]: { items: null },
    });
    const read = await readRights(connection, ["clusterrolebindings", "rolebindings"]);
    expect([...read.authorizer.users]).toEqual(["one", "two"]);
    expect(asked).toHaveLength(3);
  });

  it("stops at a token that repeats, and reports no partial list", async () => {
    const { connection, asked } = await connect({
      [`${rbac}/roles?limit=500`]: { metadata: { continue: "a" }, items: [] },
      [`${rbac}/roles?limit=500&continue=a`]: { metadata: { continue: "a" }, items: [] },
    });
    expect((await readRights(connection, ["roles"])).unread).toBe(
      "listing roles failed: the list does not end, after 2 pages; check whether a proxy or a gateway changes the responses",
    );
    expect(asked).toHaveLength(2);
  });

  it("retries after a server error, and with new credentials after a 401", async () => {
    const path = `${rbac}/roles?limit=500`;
    const { connection, asked } = await connect({ [path]: [503, 401, { items: [] }] });
    expect((await readRights(connection, ["roles"])).unread).toBeUndefined();
    expect(asked).toEqual([path, path, path]);
  });

  it.each([
    ["a gateway that requires a login", { error: "login_required", url: "https://login.example" }],
    ["a server that reports a failure", { kind: "Status", status: "Failure", message: "no" }],
    ["a server that returns another value", { items: { a: "b" } }],
  ])("does not treat a list as empty if %s answers with 200", async (_title, body) => {
    const { connection } = await connect({ [`${rbac}/clusterrolebindings?limit=500`]: body });
    expect((await readRights(connection, ["clusterrolebindings"])).unread).toMatch(
      /^listing clusterrolebindings returned something other/,
    );
  });

  it.each([
    ["is empty", { items: [] }],
    ["is null", { items: null }],
    ["has 200,000 items on one page", { items: Array.from({ length: 200_000 }, () => ({})) }],
  ])("reads a list that %s", async (_title, body) => {
    const { connection } = await connect({ [`${rbac}/clusterrolebindings?limit=500`]: body });
    expect((await readRights(connection, ["clusterrolebindings"])).unread).toBeUndefined();
  });

  it("reports the permissions to grant for refused lists, and no remedy for other failures", async () => {
    const { connection } = await connect({
      [`${rbac}/clusterroles?limit=500`]: 403,
      [`${rbac}/roles?limit=500`]: 403,
      [`${rbac}/rolebindings?limit=500`]: { items: [] },
    });
    expect((await readRights(connection, ["clusterroles", "roles", "rolebindings"])).unread).toBe(
      "listing clusterroles, roles returned 403; bind a ClusterRole that allows list on clusterroles, roles, rolebindings (rbac.authorization.k8s.io) in all namespaces",
    );
    expect((await readRights(connection, ["clusterrolebindings"])).unread).toBe(
      "listing clusterrolebindings returned 404",
    );
  });
});

describe("readResourceTypes", () => {
  const pods = { name: "pods", singular: "pod", shortNames: ["po"], isNamespaced: true, subresources: ["log"] };
  const nodes = { name: "nodes", singular: "node", shortNames: [], isNamespaced: false, subresources: [] };
  const core = { group: "", version: "v1", resources: [pods, nodes] };
  const widgets = { name: "widgets", singular: "widget", shortNames: [], isNamespaced: true, subresources: [] };

  it("sends two requests to a server with aggregated discovery", async () => {
    const aggregated = (name: string | undefined, versions: object[]) => ({
      kind: "APIGroupDiscoveryList",
      items: [{ metadata: { name }, versions }],
    });
    const namespaced = { scope: "Namespaced", singularResource: "pod", shortNames: ["po"] };
    const coreResources = [
      { resource: "pods", ...namespaced, subresources: [{ subresource: "log" }] },
      { resource: "nodes", scope: "Cluster", singularResource: "node" },
    ];
    const { connection, asked } = await connect({
      "/api": aggregated(undefined, [{ version: "v1", resources: coreResources }]),
      "/apis": aggregated("example.com", [
        { version: "v2", resources: [{ resource: "widgets", scope: "Namespaced", responseKind: { kind: "Widget" } }] },
        { version: "v1" },
      ]),
    });
    expect(await readResourceTypes(connection)).toEqual([
      core,
      { group: "example.com", version: "v2", resources: [widgets] },
      { group: "example.com", version: "v1", resources: [] },
    ]);
    expect(asked.toSorted()).toEqual(["/api", "/apis"]);
  });

  it.each([
    ["any types", {}],
    ["the core group, without which pods would be the metrics resource", { "/apis": { groups: [] } }],
    ["the named groups", { "/api": { versions: [] } }],
  ])("returns undefined if the server does not list %s", async (_title, responses) => {
    const { connection } = await connect({ "/api": 403, "/apis": 403, ...responses });
    expect(await readResourceTypes(connection)).toBeUndefined();
  });
});
