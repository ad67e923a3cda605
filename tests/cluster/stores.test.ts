import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ConfigMapStore, openStore, resolveClusterRef } from "../../provider/cluster/index.ts";
import { startAwsEndpoint } from "../support/aws/endpoint.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";

const path = "/api/v1/namespaces/kube-system/configmaps";
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: "viewer" }, { name: "nobody" }] });
  const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system";
  const metadata = { name: "see-aws-auth" };
  const rules = [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["aws-auth"], verbs: ["get"] }];
  await cluster.request("POST", `${rbac}/roles`, { metadata, rules });
  await cluster.request("POST", `${rbac}/rolebindings`, {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "see-aws-auth" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "viewer" }],
  });
});

afterAll(() => cluster?.stop());

beforeEach(async () => {
  await cluster.request("DELETE", `${path}/aws-auth`);
});

async function storeOf(input: unknown): Promise<ConfigMapStore> {
  const settings = { config: () => undefined, env: {}, cwd: "/" };
  return openStore(await resolveClusterRef(input, settings), settings);
}

const asUser = (user?: string) => storeOf({ kubeconfig: cluster.kubeconfig(user) });

describe("a store on a real API server", () => {
  it("makes the ConfigMap, edits keys of it and leaves all else", async () => {
    const store = await asUser();
    const none = await store.read();
    expect(none).toEqual({ data: {}, version: undefined });
    const made = await store.write({ mapRoles: "- a\n" }, none);
    expect(await store.read()).toEqual(made);
    await cluster.request("PUT", `${path}/aws-auth`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "aws-auth", labels: { mine: "yes" }, annotations: { note: "keep" } },
      data: { mapRoles: "- a\n", other: "x" },
      binaryData: { blob: "AAEC" },
    });
    const stored = await store.write({ mapRoles: "- b\n", mapUsers: "[]\n" }, await store.read());
    expect(stored.data).toEqual({ mapRoles: "- b\n", mapUsers: "[]\n", other: "x" });
    const { body } = await cluster.request("GET", `${path}/aws-auth`);
    expect(body).toMatchObject({
      metadata: { labels: { mine: "yes" }, annotations: { note: "keep" }, resourceVersion: stored.version },
      data: stored.data,
      binaryData: { blob: "AAEC" },
    });
  });

  it("refuses to write over what somebody else wrote, created or deleted", async () => {
    const store = await asUser();
    const none = await store.read();
    const first = await store.write({ mapRoles: "- a\n" }, none);
    await expect(store.write({ mapRoles: "- b\n" }, none)).rejects.toMatchObject({ code: "conflict" });
    await store.write({ other: "x" }, first);
    await expect(store.write({ mapRoles: "- b\n" }, first)).rejects.toMatchObject({ code: "conflict" });
    const last = await store.read();
    await cluster.request("DELETE", `${path}/aws-auth`);
    await expect(store.write({ mapRoles: "- b\n" }, last)).rejects.toMatchObject({ code: "conflict" });
  });

  it("loses nothing when several write at once", async () => {
    const keys = [...Array(20).keys()].map((number) => `key-${number}`);
    await Promise.all(
      keys.map(async (key) => {
        const store = await asUser();
        for (let done = false; !done; ) {
          try {
            await store.write({ [key]: "x" }, await store.read());
            done = true;
          } catch (error) {
            expect(error).toMatchObject({ code: "conflict" });
          }
        }
      }),
    );
    expect(Object.keys((await (await asUser()).read()).data).sort()).toEqual(keys.sort());
  });

  it("says which rule is missing", async () => {
    await expect((await asUser("nobody")).read()).rejects.toMatchObject({
      code: "accessDenied",
      message: expect.stringMatching(
        /refuses to get kube-system\/aws-auth for user ".*" of .* \(403: configmaps "aws-auth" is forbidden: User "nobody" cannot get resource .*\); .* allows get on configmaps "aws-auth"$/,
      ),
    });
    const viewer = await asUser("viewer");
    const none = await viewer.read();
    await expect(viewer.write({ a: "b" }, none)).rejects.toMatchObject({
      code: "accessDenied",
      message: expect.stringMatching(/create on configmaps/),
    });
    await (await asUser()).write({ a: "b" }, none);
    await expect(viewer.write({ a: "c" }, await viewer.read())).rejects.toMatchObject({
      code: "accessDenied",
      message: expect.stringMatching(/User "viewer" cannot patch resource.*allows patch on configmaps "aws-auth"/),
    });
  });

  it("says that a token is not accepted", async () => {
    const kubeconfig = cluster.kubeconfig().replaceAll(cluster.adminToken, "no-such-token");
    const fault = (await storeOf({ kubeconfig })).read();
    await expect(fault).rejects.toMatchObject({ code: "credentials" });
    await expect(fault).rejects.not.toMatchObject({ message: expect.stringMatching(/no-such-token/) });
  });

  it("does not touch an immutable ConfigMap, and says why", async () => {
    await cluster.request("POST", path, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "aws-auth" },
      immutable: true,
      data: { mapRoles: "- a\n" },
    });
    const store = await asUser();
    await expect(store.write({ mapRoles: "- b\n" }, await store.read())).rejects.toMatchObject({
      code: "rejected",
      message: expect.stringMatching(/422: .*immutable/),
    });
  });

  it("is verified by the certificate authority that EKS names", async () => {
    const clusters = new Map([["prod", { endpoint: cluster.server, caData: cluster.caData }]]);
    const aws = await startAwsEndpoint({ clusters, identity: "arn:aws:iam::111122223333:user/me" });
    const env = { AWS_ENDPOINT_URL_EKS: aws.url, AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "x" };
    const before = { ...process.env };
    Object.assign(process.env, env);
    try {
      // No authenticator here: that the API server answers 401 at all shows that its certificate was accepted.
      const store = await storeOf({ name: "prod", region: "eu-central-1" });
      await expect(store.read()).rejects.toMatchObject({ code: "credentials" });
    } finally {
      process.env = before;
      await aws.stop();
    }
  });
});
