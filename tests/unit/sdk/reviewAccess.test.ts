import { afterAll, expect, it, vi } from "vitest";
import { startApiServer } from "../cluster/apiServer.ts";
import { awsAuth, pulumi } from "./mocks.ts";

const before = pulumi.runtime.allConfig();
afterAll(() => {
  pulumi.runtime.setAllConfig({ ...before });
  vi.unstubAllEnvs();
});

it("reviews each context that a program names, whatever AWS_AUTH_CONTEXT says", async () => {
  pulumi.runtime.setAllConfig({});
  const { url } = await startApiServer({ mapRoles: "[]\n" });
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "gateway", cluster: { server: url } }],
    users: ["a", "b"].map((name) => ({ name, user: { token: name } })),
    contexts: ["a", "b"].map((name) => ({ name, context: { cluster: "gateway", user: name } })),
  });
  vi.stubEnv("AWS_AUTH_CONTEXT", "a");
  const { clusters, unread } = await awsAuth.reviewAccess({
    clusters: ["a", "b"].map((context) => ({ kubeconfig, context })),
  });
  expect(unread).toEqual([]);
  expect(clusters.map(({ name }) => name)).toEqual([expect.stringContaining('"a"'), expect.stringContaining('"b"')]);
});
