import { expect, it } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { startApiServer } from "../apiServer.ts";
import { impatient, kubeconfigOf, settingsOf } from "../support.ts";

it("a write that the server takes back, as a mutating webhook may, is not told as stored", async () => {
  const server = await startApiServer({ mapRoles: "old" });
  const settings = settingsOf({});
  const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ ctx: server.url }) }, settings);
  const store = await openStore(ref, settings, impatient);
  const base = await store.read();
  const metadata = { name: "aws-auth", namespace: "kube-system", resourceVersion: "1" };
  server.tricks.push({ status: 200, body: { kind: "ConfigMap", apiVersion: "v1", metadata, data: server.data } });
  await expect(store.write({ data: { mapRoles: "new" } }, base)).rejects.toMatchObject({ code: "rejected" });
});
