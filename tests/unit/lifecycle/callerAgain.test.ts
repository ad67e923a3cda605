import { afterEach, expect, it, vi } from "vitest";
import { startApiServer, statusBody } from "../cluster/apiServer.ts";
import { kubeconfigOf } from "../cluster/support.ts";

const arn = "arn:aws:iam::111122223333:role/ci";

async function startRun() {
  vi.resetModules();
  const provider = await import("../../../provider/index.ts");
  const values: Record<string, string> = { "aws-auth:lockoutProtection": "error" };
  await provider.configure({ config: { get: (key) => values[key], require: (key) => values[key] ?? "" } });
  return provider;
}

afterEach(() => void vi.restoreAllMocks());

it("the mapping that the run logs in with is not removed because the API server was busy when it was asked", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const server = await startApiServer({ mapRoles: `- rolearn: ${arn}\n  username: ci\n  groups: [deployers]\n` });
  const given = {
    arn,
    username: "ci",
    groups: ["deployers"],
    cluster: { kubeconfig: kubeconfigOf({ ctx: server.url }) },
  };
  const { inputs } = await (await startRun()).check(
    {},
    { ...given, __context: JSON.stringify({ urn: "urn:pulumi:test::test::t::ci" }) },
  );
  const busy = { status: 429, headers: { "retry-after": "1" }, body: statusBody(429, "TooManyRequests", "later") };
  const userInfo = { username: "ci", extra: { canonicalArn: [arn] } };
  // The first is for the map.
  server.tricks.push(undefined, busy, { status: 201, body: { kind: "SelfSubjectReview", status: { userInfo } } });
  const provider = await startRun();
  await expect(provider.delete("id", { ...inputs })).rejects.toMatchObject({ code: "lockout" });
  expect(server.data?.["mapRoles"]).toContain(arn);
});
