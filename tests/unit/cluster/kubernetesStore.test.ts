import { describe, expect, it } from "vitest";
import { describeLastWrite } from "../../../provider/awsAuthMap/index.ts";
import type { ConfigMapStore } from "../../../provider/cluster/store.ts";
import { RefusedContentError, UnknownOutcomeError } from "../../../provider/errors.ts";
import { type FakeApiServer, type ResponseFault, startApiServer, statusBody } from "../../support/cluster/apiServer.ts";
import { expectFailure, kubeconfigOf, openCluster } from "../../support/cluster/kubeconfigs.ts";

async function start(data: Record<string, string> | undefined): Promise<[FakeApiServer, ConfigMapStore]> {
  const server = await startApiServer(data);
  return [server, await openCluster({ kubeconfig: kubeconfigOf({ ctx: server.url }) })];
}

const path = "/api/v1/namespaces/kube-system/configmaps";
const manager = "?fieldManager=pulumi-aws-auth";
const forbidden = statusBody(403, "Forbidden", 'User "u" cannot patch configmaps');
const noNamespace = statusBody(404, "NotFound", "namespaces", { kind: "namespaces", name: "kube-system" });

describe("KubernetesStore.read", () => {
  it("returns the data, the claims and the version", async () => {
    const [server, store] = await start({ mapRoles: "[]\n", other: "x" });
    server.annotations = { "pulumi-aws-auth/claims": "c", foreign: "y" };
    expect(await store.read()).toEqual({
      data: { mapRoles: "[]\n", other: "x" },
      claims: "c",
      version: "1",
      lastWrites: {},
    });
    const headers = { authorization: "Bearer t0p-secret", "user-agent": "pulumi-aws-auth" };
    expect(server.requests).toMatchObject([{ line: `GET ${path}/aws-auth`, headers }]);
  });

  it("returns a missing ConfigMap without a version", async () => {
    const [, store] = await start(undefined);
    expect(await store.read()).toEqual({ data: {}, version: undefined });
  });

  it.each([
    ["refused credentials", { status: 401 }, "credentials", /rejects user "ctx-user" .* returned 401 U/],
    ["a missing permission", { status: 403, body: forbidden }, "accessDenied", /allows get on configmaps "aws-auth"/],
    ["a missing namespace", { status: 404, body: noNamespace }, "clusterUnreachable", /this is the right cluster/],
    ["another kind of server", { status: 404, body: "<html>" }, "clusterUnreachable", /like a Kubernetes API server/],
  ] as const)("reports %s", async (_title, trick, code, message) => {
    const [server, store] = await start({});
    server.faults.push(trick, trick);
    await expectFailure(store.read(), code, message);
  });
});

describe("the last write of a key by another program", () => {
  const write = (manager: string, minute: number, keys: readonly string[], more: object = {}) => ({
    manager,
    operation: "Update",
    apiVersion: "v1",
    time: `2026-11-30T14:0${minute}:00Z`,
    fieldsType: "FieldsV1",
    fieldsV1: { "f:data": Object.fromEntries([".", ...keys].map((key) => [key, {}])) },
    ...more,
  });
  const written = (writer: string, minute: number) => ({ writer, at: new Date(`2026-11-30T14:0${minute}:00Z`) });
  const untimed = write("kubectl", 0, ["f:mapRoles"], { time: undefined });

  it.each<readonly [title: string, managedFields: unknown, lastWrites: object]>([
    ["no managers", undefined, {}],
    ["a list that was cleared", [{}], {}],
    ["no list", "kubectl", {}],
    ["one manager", [write("kubectl-edit", 2, ["f:mapRoles"])], { mapRoles: written("kubectl-edit", 2) }],
    [
      "managers of other keys",
      [write("eksctl", 1, ["f:mapUsers", "f:mapAccounts", "f:other"]), write("vpcLambda", 2, ["f:mapRoles"])],
      { mapRoles: written("vpcLambda", 2), mapUsers: written("eksctl", 1), mapAccounts: written("eksctl", 1) },
    ],
    [
      "the newest of several, in any order and with any operation",
      [
        write("kubectl", 1, ["f:mapRoles"], { operation: "Apply" }),
        write("Terraform", 3, ["f:mapRoles"], { operation: "Apply" }),
        write("HashiCorp", 2, ["f:mapRoles"]),
      ],
      { mapRoles: written("Terraform", 3) },
    ],
    ["a newer manager of all data without keys", [untimed, write("kubectl", 2, [])], {}],
    [
      "a newer manager of other fields",
      [
        write("eksctl", 1, ["f:mapRoles"]),
        { ...write("kubectl", 2, []), fieldsV1: { "f:metadata": { "f:annotations": { "f:mapRoles": {} } } } },
      ],
      { mapRoles: written("eksctl", 1) },
    ],
    [
      "this provider as the newest",
      [write("kubectl", 1, ["f:mapRoles"]), write("pulumi-aws-auth", 2, ["f:mapRoles"])],
      {},
    ],
    [
      "this provider as an earlier one",
      [write("pulumi-aws-auth", 1, ["f:mapRoles"]), write("kubectl", 2, ["f:mapRoles"])],
      { mapRoles: written("kubectl", 2) },
    ],
    [
      "a subresource",
      [write("kubectl", 1, ["f:mapRoles"], { subresource: "status" })],
      { mapRoles: written("kubectl", 1) },
    ],
    ["a manager without a time", [untimed], {}],
    ["a manager without a name", [write("", 1, ["f:mapRoles"])], {}],
    [
      "control characters, unchanged",
      [write("a\u001b[2J\nb", 1, ["f:mapRoles"])],
      { mapRoles: written("a\u001b[2J\nb", 1) },
    ],
  ])("is read from %s", async (_title, managedFields, lastWrites) => {
    const [server, store] = await start({});
    server.managedFields = managedFields;
    expect((await store.read()).lastWrites).toEqual(lastWrites);
  });

  it("is printed in whole minutes of UTC, with escaped control characters", () => {
    const at = new Date("2026-11-30T15:02:59+01:00");
    expect(describeLastWrite({ writer: "a\u001b[2J\nb", at })).toBe(
      'last written by "a\\u001b[2J\\nb", 2026-11-30 14:02 UTC',
    );
    expect(describeLastWrite({ writer: "x".repeat(200), at })).toBe(
      `last written by "${"x".repeat(128)}", 2026-11-30 14:02 UTC`,
    );
    expect(describeLastWrite({ at })).toBe("last changed 2026-11-30 14:02 UTC");
  });
});

describe("KubernetesStore.write", () => {
  it("patches only the given keys and claims of the version that was read", async () => {
    const [server, store] = await start({ mapRoles: "a", other: "x" });
    const stored = await store.write({ data: { mapRoles: "b" }, claims: "c" }, await store.read());
    expect(stored).toEqual({ data: { mapRoles: "b", other: "x" }, claims: "c", version: "2", lastWrites: {} });
    expect(server.requests.at(-1)).toMatchObject({ line: `PATCH ${path}/aws-auth${manager}` });
    expect(JSON.parse(server.requests.at(-1)?.body ?? "")).toEqual({
      metadata: { resourceVersion: "1", annotations: { "pulumi-aws-auth/claims": "c" } },
      data: { mapRoles: "b" },
    });
  });

  it("creates a missing ConfigMap, and never replaces one that another writer created meanwhile", async () => {
    const [server, store] = await start(undefined);
    const base = await store.read();
    server.data = { mapRoles: "theirs" };
    await expectFailure(store.write({ data: { mapRoles: "ours" } }, base), "conflict");
    expect(server.requests.at(-1)?.line).toBe(`POST ${path}${manager}`);
    expect(server.data).toEqual({ mapRoles: "theirs" });
  });

  it("fails with a conflict if the ConfigMap changed or was deleted", async () => {
    const [server, store] = await start({ mapRoles: "a" });
    const base = await store.read();
    server.version++;
    await expectFailure(store.write({ data: { mapRoles: "b" } }, base), "conflict");
    server.data = undefined;
    await expectFailure(store.write({ data: { mapRoles: "b" } }, base), "conflict");
  });

  it.each([
    ["is cut off after the write", { cut: "after" }],
    ["is cut off before the write", { cut: "before" }],
    ["is truncated", { truncate: true }],
    ["is a server error", { status: 500, body: statusBody(500, "InternalError", "etcd") }],
  ] as const)("has an unknown outcome if the response %s", async (_title, trick) => {
    const [server, store] = await start({ mapRoles: "a" });
    const base = await store.read();
    server.faults.push(trick);
    await expect(store.write({ data: { mapRoles: "b" } }, base)).rejects.toBeInstanceOf(UnknownOutcomeError);
  });

  it.each([
    [400, "rejected"],
    [403, "accessDenied"],
    [413, "tooLarge"],
    [422, "rejected"],
  ] as const)("reports content that the server refuses with %i, with the server's message", async (status, code) => {
    const [server, store] = await start({ mapRoles: "a" });
    const base = await store.read();
    server.faults.push({ status, body: statusBody(status, "Invalid", "policy says no") });
    const failure = store.write({ data: { mapRoles: "b" } }, base);
    await expect(failure).rejects.toBeInstanceOf(RefusedContentError);
    await expectFailure(failure, code, /policy says no/);
  });
});

describe("the identity of a run", () => {
  const arn = "arn:aws:sts::111122223333:assumed-role/dev/me";
  const extra = { canonicalArn: ["arn:aws:iam::111122223333:role/dev"], arn: [arn] };
  const userInfo = { username: "dev", groups: ["ops"], extra };
  const review = { status: 201, body: { kind: "SelfSubjectReview", status: { userInfo } } };
  const busy = { status: 429, headers: { "retry-after": "0" }, body: statusBody(429, "TooManyRequests", "later") };

  it.each<[string, ...ResponseFault[]]>([
    ["at the first attempt"],
    ["after a busy server, because lockout protection depends on it", busy],
    ["after a starting server", { status: 503, body: statusBody(503, "ServiceUnavailable", "starting") }],
    ["after a broken connection", { cut: "before" }],
  ])("is requested from the cluster once: %s", async (_title, ...failures) => {
    const [server, store] = await start({});
    server.faults.push(...failures, review);
    const expected = { arn, username: "dev", groups: ["ops"] };
    expect([await store.caller(), await store.caller()]).toEqual([expected, expected]);
    expect(server.requests).toHaveLength(failures.length + 1);
  });

  it("is the username if a proxy forwards nothing else", async () => {
    const [server, store] = await start({});
    server.faults.push({ ...review, body: { status: { userInfo: { username: arn } } } });
    expect(await store.caller()).toEqual({ arn, username: arn, groups: [] });
  });

  it("is unknown and requested once if the server does not support SelfSubjectReview", async () => {
    const [server, store] = await start({});
    expect([await store.caller(), await store.caller()]).toEqual([undefined, undefined]);
    expect(server.requests).toHaveLength(1);
  });
});
