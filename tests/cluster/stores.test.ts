import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ConfigMapStore, openStore, resolveClusterRef } from "../../provider/cluster/index.ts";
import { assertFits } from "../../provider/session/commit.ts";
import { startAwsEndpoint } from "../support/aws/endpoint.ts";
import { grant, readerRules, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";

const path = "/api/v1/namespaces/kube-system/configmaps";
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: "writer" }, { name: "viewer" }, { name: "nobody" }] });
  await grant(cluster, "writer", writerRules);
  await grant(cluster, "viewer", readerRules);
});

afterAll(() => cluster?.stop());

beforeEach(async () => {
  await cluster.request("DELETE", `${path}/aws-auth`);
});

async function storeOf(input: unknown): Promise<ConfigMapStore> {
  const settings = { config: () => undefined, env: {}, cwd: "/" };
  return openStore(await resolveClusterRef(input, settings), settings);
}

const asUser = (user = "writer") => storeOf({ kubeconfig: cluster.kubeconfig(user) });

describe("a store on a real API server", () => {
  it("makes the ConfigMap, edits keys of it and leaves all else", async () => {
    const store = await asUser();
    const none = await store.read();
    expect(none).toEqual({ data: {}, version: undefined });
    const made = await store.write({ data: { mapRoles: "- a\n" } }, none);
    expect(await store.read()).toEqual(made);
    await cluster.request("PUT", `${path}/aws-auth`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "aws-auth", labels: { mine: "yes" }, annotations: { note: "keep" } },
      data: { mapRoles: "- a\n", other: "x" },
      binaryData: { blob: "AAEC" },
    });
    const stored = await store.write({ data: { mapRoles: "- b\n", mapUsers: "[]\n" } }, await store.read());
    expect(stored.data).toEqual({ mapRoles: "- b\n", mapUsers: "[]\n", other: "x" });
    const { body } = await cluster.request("GET", `${path}/aws-auth`);
    expect(body).toMatchObject({
      metadata: { labels: { mine: "yes" }, annotations: { note: "keep" }, resourceVersion: stored.version },
      data: stored.data,
      binaryData: { blob: "AAEC" },
    });
  });

  it("refuses to overwrite what another writer wrote, created or deleted", async () => {
    const store = await asUser();
    const none = await store.read();
    const first = await store.write({ data: { mapRoles: "- a\n" } }, none);
    await expect(store.write({ data: { mapRoles: "- b\n" } }, none)).rejects.toMatchObject({ code: "conflict" });
    await store.write({ data: { other: "x" } }, first);
    await expect(store.write({ data: { mapRoles: "- b\n" } }, first)).rejects.toMatchObject({ code: "conflict" });
    const last = await store.read();
    await cluster.request("DELETE", `${path}/aws-auth`);
    await expect(store.write({ data: { mapRoles: "- b\n" } }, last)).rejects.toMatchObject({ code: "conflict" });
  });

  it("loses nothing when several write at once", async () => {
    const keys = [...Array(20).keys()].map((number) => `key-${number}`);
    await Promise.all(
      keys.map(async (key) => {
        const store = await asUser();
        for (let done = false; !done; ) {
          try {
            await store.write({ data: { [key]: "x" } }, await store.read());
            done = true;
          } catch (error) {
            expect(error).toMatchObject({ code: "conflict" });
          }
        }
      }),
    );
    expect(Object.keys((await (await asUser()).read()).data).sort()).toEqual(keys.sort());
  });

  it("holds as much as is said, to the byte, and what we refuse the API server refuses as well", async () => {
    const store = await asUser();
    const limit = 1024 * 1024;
    const made = await store.write(
      { data: { mapRoles: `${"#".repeat(limit - 4)}\n`, other: "xyz" } },
      await store.read(),
    );
    const full = `${"#".repeat(limit - 4)}\n`;
    expect(Buffer.byteLength(full) + 3).toBe(limit);
    expect((await store.read()).data).toEqual({ mapRoles: full, other: "xyz" });
    // Characters count as the bytes that they take.
    for (const more of [{ other: "xyz+" }, { other: "xé+" }]) {
      expect(() => assertFits(made.data, more)).toThrow(
        `kube-system/aws-auth would grow from ${limit} to ${limit + 1} bytes, and a ConfigMap holds at most ${limit}`,
      );
      await expect(store.write({ data: more }, made)).rejects.toMatchObject({
        code: "rejected",
        message: expect.stringMatching(/422: .*Too long: may not be more than 1048576 bytes/),
      });
    }
    for (const same of [{ other: "xé" }, { other: "" }]) {
      expect(() => assertFits(made.data, same)).not.toThrow();
    }
    expect((await store.write({ data: { other: "xé" } }, made)).data["other"]).toBe("xé");
  });

  it("reports that a token is not accepted", async () => {
    const kubeconfig = cluster.kubeconfig("writer").replaceAll(cluster.token("writer"), "no-such-token");
    const failure = (await storeOf({ kubeconfig })).read();
    await expect(failure).rejects.toMatchObject({ code: "credentials" });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringMatching(/no-such-token/) });
  });

  it("does not modify an immutable ConfigMap, and reports why", async () => {
    await cluster.request("POST", path, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "aws-auth" },
      immutable: true,
      data: { mapRoles: "- a\n" },
    });
    const store = await asUser();
    await expect(store.write({ data: { mapRoles: "- b\n" } }, await store.read())).rejects.toMatchObject({
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
      // No authenticator here: that the API server returns 401 at all shows that its certificate was accepted.
      const store = await storeOf({ name: "prod", region: "eu-central-1" });
      await expect(store.read()).rejects.toMatchObject({ code: "credentials" });
    } finally {
      process.env = before;
      await aws.stop();
    }
  });
});
