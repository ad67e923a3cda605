import { describe, expect } from "vitest";
import { configMaps } from "../support/cluster/awsAuth.ts";
import { storeOf, test } from "../support/cluster/deployer.ts";

test.beforeEach(({ map }) => map.reset(undefined));

describe("a ConfigMap store on a real API server", () => {
  test("creates the ConfigMap, edits its keys and keeps everything else", async ({ cluster, map }) => {
    const store = await storeOf(cluster.kubeconfig("deployer"));
    const none = await store.read();
    expect(none).toEqual({ data: {}, version: undefined });
    const created = await store.write({ data: { mapRoles: "- a\n" } }, none);
    expect(await store.read()).toEqual(created);
    const metadata = { labels: { mine: "yes" }, annotations: { note: "keep" } };
    await cluster.request("PUT", `${configMaps}/aws-auth`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "aws-auth", ...metadata },
      data: { mapRoles: "- a\n", other: "x" },
      binaryData: { blob: "AAEC" },
    });
    const stored = await store.write({ data: { mapRoles: "- b\n", mapUsers: "[]\n" } }, await store.read());
    expect(stored.data).toEqual({ mapRoles: "- b\n", mapUsers: "[]\n", other: "x" });
    expect(await map.read()).toMatchObject({
      metadata: { ...metadata, resourceVersion: stored.version },
      data: stored.data,
      binaryData: { blob: "AAEC" },
    });
  });

  test("refuses to overwrite what another writer wrote, created or deleted", async ({ cluster, map }) => {
    const store = await storeOf(cluster.kubeconfig("deployer"));
    const late = { data: { mapRoles: "- b\n" } };
    const none = await store.read();
    const first = await store.write({ data: { mapRoles: "- a\n" } }, none);
    await expect(store.write(late, none)).rejects.toMatchObject({ code: "conflict" });
    const last = await store.write({ data: { other: "x" } }, first);
    await expect(store.write(late, first)).rejects.toMatchObject({ code: "conflict" });
    await map.reset(undefined);
    await expect(store.write(late, last)).rejects.toMatchObject({ code: "conflict" });
  });

  test("reports the last writer of each key, by its field manager or user agent, except itself", async ({
    cluster,
    map,
  }) => {
    const store = await storeOf(cluster.kubeconfig("deployer"));
    const writers = async () =>
      Object.entries((await store.read()).lastWrites ?? {}).map(([key, { writer, at }]) => {
        expect(Math.abs(Date.now() - at.getTime())).toBeLessThan(60_000);
        return [key, writer];
      });
    const path = `${configMaps}/aws-auth`;
    await map.reset({ mapRoles: "[]\n", mapUsers: "[]\n", mapAccounts: "[]\n" });
    const byCreate = ["mapRoles", "mapUsers", "mapAccounts"].map((key) => [key, "kubectl-create"]);
    expect(await writers()).toEqual(byCreate);
    const applied = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "aws-auth" },
      data: { mapUsers: "- a\n" },
    };
    const type = { "content-type": "application/apply-patch+yaml" };
    await cluster.request("PATCH", `${path}?fieldManager=Terraform&force=true`, applied, type);
    const agent = { "user-agent": "eksctl/0.200.0 (linux; amd64)" };
    await cluster.request("PATCH", path, { data: { mapAccounts: "- b\n" } }, agent);
    expect((await writers()).sort()).toEqual([
      ["mapAccounts", "eksctl"],
      ["mapRoles", "kubectl-create"],
      ["mapUsers", "Terraform"],
    ]);
    await store.write({ data: { mapRoles: "- c\n", mapUsers: "- c\n" } }, await store.read());
    expect(await writers()).toEqual([["mapAccounts", "eksctl"]]);
    await map.patch({ mapRoles: "- d\n" });
    await cluster.request("PATCH", path, { metadata: { managedFields: [{}] } });
    expect(await writers()).toEqual([]);
  });

  test("accepts exactly the bytes that a ConfigMap can contain", async ({ cluster }) => {
    const store = await storeOf(cluster.kubeconfig("deployer"));
    const limit = 1024 * 1024;
    const full = { mapRoles: `${"#".repeat(limit - 4)}\n`, other: "xyz" };
    const created = await store.write({ data: full }, await store.read());
    expect((await store.read()).data).toEqual(full);
    // A character counts as its UTF-8 bytes.
    for (const more of [{ other: "xyz+" }, { other: "xé+" }]) {
      await expect(store.write({ data: more }, created)).rejects.toMatchObject({
        code: "rejected",
        message: expect.stringMatching(/422: .*Too long: may not be more than 1048576 bytes/),
      });
    }
    const same = { other: "xé" };
    expect((await store.write({ data: same }, created)).data["other"]).toBe("xé");
  });
});
