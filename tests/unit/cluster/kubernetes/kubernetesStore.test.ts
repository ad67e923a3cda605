import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ConfigMapStore, openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { defaultLimits } from "../../../../provider/cluster/request.ts";
import { RefusedContentError, UnknownOutcomeError } from "../../../../provider/errors.ts";
import { type FakeApiServer, startApiServer, statusBody, type Trick } from "../apiServer.ts";
import { impatient, kubeconfigOf, settingsOf, temporaryDirectory } from "../support.ts";

async function storeAt(server: string, user?: object, limits = impatient): Promise<ConfigMapStore> {
  const settings = settingsOf({});
  return openStore(
    await resolveClusterRef({ kubeconfig: kubeconfigOf({ ctx: server }, user) }, settings),
    settings,
    limits,
  );
}

async function start(data: Record<string, string> | undefined): Promise<[FakeApiServer, ConfigMapStore]> {
  const server = await startApiServer(data);
  return [server, await storeAt(server.url)];
}

const path = "/api/v1/namespaces/kube-system/configmaps";
const html = { status: 404, body: "<html>not here</html>" };

it("KubernetesStore waits 15 s for a read, and longer for a write", () => {
  expect(defaultLimits).toEqual({ read: 15_000, readTry: 10_000, write: 45_000, writeTry: 20_000, firstPause: 250 });
});

describe("KubernetesStore reads", () => {
  it("the data and its version", async () => {
    const [server, store] = await start({ mapRoles: "[]\n", other: "x" });
    expect(await store.read()).toEqual({ data: { mapRoles: "[]\n", other: "x" }, version: "1" });
    expect(server.requests).toMatchObject([
      {
        line: `GET ${path}/aws-auth`,
        headers: { authorization: "Bearer t0p-secret", "user-agent": "pulumi-aws-auth" },
      },
    ]);
  });

  it("no more of a response than a ConfigMap can ever be", async () => {
    const server = await startApiServer({ a: "b" });
    // As long as a slow machine needs for so much.
    const store = await storeAt(server.url, undefined, { ...impatient, read: 100_000, readTry: 20_000 });
    const endless: Trick = { status: 200, body: "x".repeat(64 * 1024 * 1024 + 1) };
    server.tricks.push(...Array.from({ length: 5 }, () => endless));
    await expect(store.read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringContaining("the response is longer than 67108864 bytes"),
    });
  });

  it("a missing ConfigMap as one without a version", async () => {
    const [, store] = await start(undefined);
    expect(await store.read()).toEqual({ data: {}, version: undefined });
  });

  const again: readonly (readonly [string, Trick])[] = [
    ["a connection that breaks", { cut: "before" }],
    ["a response that is cut off", { truncate: true }],
    ["too many requests", { status: 429, headers: { "retry-after": "0" } }],
    ["an internal error", { status: 500, body: statusBody(500, "InternalError", "etcdserver: leader changed") }],
    ["a bad gateway", { status: 502, body: "<html>" }],
    ["an unavailable server", { status: 503, headers: { "retry-after": "0.3" } }],
    ["a gateway's timeout", { status: 504 }],
    ["a switch to another protocol", { status: 101, headers: { connection: "upgrade", upgrade: "websocket" } }],
  ];
  it.each(again)("again after %s", async (_title, trick) => {
    const [server, store] = await start({ a: "b" });
    server.tricks.push(trick);
    expect(await store.read()).toEqual({ data: { a: "b" }, version: "1" });
    expect(server.requests).toHaveLength(2);
  });

  it("waits as long as the server asks", async () => {
    const [server, store] = await start({ a: "b" });
    server.tricks.push({ status: 429, headers: { "retry-after": "0.3" } });
    const before = performance.now();
    await store.read();
    expect(performance.now() - before).toBeGreaterThan(290);
  });

  it("not again when the server asks for more time than there is", async () => {
    const [server, store] = await start({ a: "b" });
    server.tricks.push({ status: 429, headers: { "retry-after": "60" } });
    await expect(store.read()).rejects.toMatchObject({ code: "clusterUnreachable" });
    expect(server.requests).toHaveLength(1);
  });

  const problems: readonly (readonly [string, Trick, string, string | RegExp])[] = [
    [
      "403",
      {
        status: 403,
        body: statusBody(
          403,
          "Forbidden",
          'configmaps "aws-auth" is forbidden: User "dev" cannot get resource "configmaps"',
        ),
      },
      "accessDenied",
      'the cluster of context "ctx": the API server refuses to get kube-system/aws-auth for user "ctx-user" of the kubeconfig content in the resource (403: configmaps "aws-auth" is forbidden: User "dev" cannot get resource "configmaps"); unless an admission policy forbids it, bind a role in kube-system that allows get on configmaps "aws-auth"',
    ],
    [
      "a 404 of something else",
      html,
      "clusterUnreachable",
      /does not respond like a Kubernetes API server \(HTTP status 404\)/,
    ],
    [
      "a missing namespace",
      {
        status: 404,
        body: statusBody(404, "NotFound", 'namespaces "kube-system" not found', {
          name: "kube-system",
          kind: "namespaces",
        }),
      },
      "clusterUnreachable",
      /namespace kube-system is missing/,
    ],
    ["a redirect", { status: 302, body: "" }, "clusterUnreachable", /does not respond like/],
    [
      "400",
      { status: 400, body: statusBody(400, "BadRequest", "bad\u001b[31m thing\u0007\nnext line") },
      "rejected",
      /\(400: bad thing next line\)/,
    ],
  ];
  it.each(problems)("%s as a failure, without another try", async (_title, trick, code, message) => {
    const [server, store] = await start({ a: "b" });
    server.tricks.push(trick);
    await expect(store.read()).rejects.toMatchObject({
      code,
      message: typeof message === "string" ? message : expect.stringMatching(message),
    });
    expect(server.requests).toHaveLength(1);
  });

  it("401 as a failure of the credentials, after one try with new ones", async () => {
    const [server, store] = await start({ a: "b" });
    server.tricks.push({ status: 401 }, { status: 401 });
    await expect(store.read()).rejects.toMatchObject({
      code: "credentials",
      message: expect.stringMatching(
        /^the cluster of context "ctx" does not accept user "ctx-user" of the kubeconfig content in the resource .*401 Unauthorized.*AWS_AUTH_KUBECONFIG.*--run-program/,
      ),
    });
    expect(server.requests).toHaveLength(2);
  });

  it("nothing of a server that is not there, and says why", async () => {
    const store = await storeAt("http://127.0.0.1:9");
    await expect(store.read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message:
        'the cluster of context "ctx" cannot be reached at http://127.0.0.1:9 with user "ctx-user" of the kubeconfig content in the resource: connection refused (ECONNREFUSED); check the network (VPN, proxy, allowed addresses), or set AWS_AUTH_KUBECONFIG or AWS_AUTH_CONTEXT to a way that works (refresh and destroy see the stack configuration of the last up, unless given --run-program; environment variables are always the current ones)',
      cause: { code: "ECONNREFUSED" },
    });
  });

  it("nothing of a host without an address", async () => {
    const store = await storeAt("http://no-such-host.invalid");
    await expect(store.read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(
        /host name not found \(ENOTFOUND\)|name server does not respond|no response in time/,
      ),
    });
  });

  it("gives up in time when the server is silent", async () => {
    const [server, store] = await start({ a: "b" });
    server.tricks.push({ hang: true }, { hang: true }, { hang: true });
    const before = performance.now();
    await expect(store.read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(/no response in time/),
    });
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it.each([
    ["/k8s/clusters/c-1/", "/k8s/clusters/c-1"],
    ["//other.example/k8s", "//other.example/k8s"],
  ])("below the path that the server's URL has: %s", async (given, above) => {
    const server = await startApiServer({ a: "b" });
    await (await storeAt(server.url + given)).read();
    expect(server.requests[0]?.line).toBe(`GET ${above}${path}/aws-auth`);
  });

  it("over one connection", async () => {
    const [server, store] = await start({ a: "b" });
    await store.read();
    await store.read();
    expect(server.requests[1]?.headers["connection"]).toBe("keep-alive");
  });
});

describe("KubernetesStore writes", () => {
  it("the given keys alone, on the condition of the version", async () => {
    const [server, store] = await start({ mapRoles: "old", other: "x" });
    const base = await store.read();
    expect(await store.write({ data: { mapRoles: "new" } }, base)).toEqual({
      data: { mapRoles: "new", other: "x" },
      version: "2",
    });
    expect(server.requests[1]).toMatchObject({
      line: `PATCH ${path}/aws-auth?fieldManager=pulumi-aws-auth`,
      headers: { "content-type": "application/merge-patch+json" },
      body: '{"metadata":{"resourceVersion":"1"},"data":{"mapRoles":"new"}}',
    });
  });

  it("characters of several bytes, and reads them in whatever parts they come", async () => {
    const [server, store] = await start({ mapRoles: "old" });
    const mapRoles = "é😀".repeat(100_000);
    const written = await store.write({ data: { mapRoles }, claims: "é😀" }, await store.read());
    expect(server.data?.["mapRoles"] === mapRoles).toBe(true);
    expect(server.annotations).toEqual({ "pulumi-aws-auth/claims": "é😀" });
    expect(written.data["mapRoles"] === mapRoles).toBe(true);
    expect((await store.read()).data["mapRoles"] === mapRoles).toBe(true);
  });

  it("a ConfigMap where there is none", async () => {
    const [server, store] = await start(undefined);
    expect(await store.write({ data: { mapRoles: "new" } }, await store.read())).toEqual({
      data: { mapRoles: "new" },
      version: "2",
    });
    expect(server.requests[1]?.line).toBe(`POST ${path}?fieldManager=pulumi-aws-auth`);
  });

  it.each([
    ["somebody else wrote", { a: "1" }, { a: "2" }],
    ["somebody else created it", undefined, {}],
    ["somebody else deleted it", { a: "1" }, undefined],
  ])("nothing when %s: a conflict", async (_title, data, meanwhile) => {
    const [server, store] = await start(data);
    const base = await store.read();
    server.data = meanwhile;
    server.version++;
    await expect(store.write({ data: { mapRoles: "new" } }, base)).rejects.toMatchObject({
      code: "conflict",
      message:
        'the cluster of context "ctx": kube-system/aws-auth was changed by somebody else between the read and the write; run again',
    });
    expect(server.data).toEqual(meanwhile);
  });

  it.each([
    ["the connection breaks after the write", [{ cut: "after" as const }]],
    ["the response is cut off", [{ truncate: true as const }]],
    ["the connection breaks before the write", [{ cut: "before" as const }]],
    ["the server is overloaded", [{ status: 429 }]],
    ["the server fails", [{ status: 500 }]],
    ["the server stores it and fails", [{ status: 504, acts: true as const }]],
    ["the response and the read after it get lost", [{ cut: "after" as const }, undefined, { cut: "before" as const }]],
    ["it is refused before", [{ status: 401 }]],
    [
      "every way but the last one fails",
      [{ status: 504 }, { status: 503 }, { cut: "before" as const }, { truncate: true as const }],
    ],
  ])("once, although %s", async (_title, tricks: readonly (Trick | undefined)[]) => {
    for (const data of [{ mapRoles: "old" }, undefined]) {
      const [server, store] = await start(data);
      const base = await store.read();
      server.tricks.push(...tricks);
      expect(await store.write({ data: { mapRoles: "new" } }, base)).toEqual({
        data: { mapRoles: "new" },
        version: "2",
      });
      expect(server.version).toBe(2);
    }
  });

  it("a conflict when somebody else wrote while the response got lost", async () => {
    const [server, store] = await start({ mapRoles: "old" });
    const base = await store.read();
    server.tricks.push({ cutBehind: { mapUsers: "theirs" } });
    const failure = store.write({ data: { mapRoles: "new" } }, base);
    await expect(failure).rejects.toMatchObject({ code: "conflict" });
    // The other write may have gone on top of ours.
    await expect(failure).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(server.data).toEqual({ mapRoles: "old", mapUsers: "theirs" });
  });

  it("with an unknown outcome where new credentials fail after the response got lost", async () => {
    const server = await startApiServer({ mapRoles: "old" });
    const used = join(await temporaryDirectory(), "used");
    const credential = JSON.stringify({ status: { token: "t" } });
    const script = `[ -e '${used}' ] && exit 1; touch '${used}'; echo '${credential}'`;
    const apiVersion = "client.authentication.k8s.io/v1beta1";
    const store = await storeAt(server.url, { exec: { apiVersion, command: "sh", args: ["-c", script] } });
    const base = await store.read();
    server.tricks.push({ cut: "after" }, { status: 401 });
    await expect(store.write({ data: { mapRoles: "new" } }, base)).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(server.data).toEqual({ mapRoles: "new" });
  });

  it("once when the lost try arrives late, after the second one was sent", async () => {
    const [server, store] = await start({ mapRoles: "old" });
    const base = await store.read();
    server.tricks.push({ status: 504 }, { lateWrite: { mapRoles: "new" } });
    expect(await store.write({ data: { mapRoles: "new" } }, base)).toEqual({ data: { mapRoles: "new" }, version: "2" });
  });

  it("once a server that has just come back, and refuses everybody until it has read its roles, lets it", async () => {
    const [server, store] = await start({ mapRoles: "old" });
    const base = await store.read();
    const starting = { status: 403, body: statusBody(403, "Forbidden", "User cannot patch configmaps") };
    server.tricks.push({ cut: "before" }, starting, starting);
    expect(await store.write({ data: { mapRoles: "new" } }, base)).toEqual({ data: { mapRoles: "new" }, version: "2" });
    server.tricks.push({ status: 503 }, starting);
    expect(await store.read()).toEqual({ data: { mapRoles: "new" }, version: "2" });
  });

  it("says that the outcome is unknown when a lost try is followed by a refusal", async () => {
    const [server, store] = await start({ mapRoles: "old" });
    const base = await store.read();
    const refused = { status: 422, body: statusBody(422, "Invalid", "field is immutable") };
    server.tricks.push({ cut: "before" }, refused);
    const failure = store.write({ data: { mapRoles: "new" } }, base);
    await expect(failure).rejects.toBeInstanceOf(UnknownOutcomeError);
    await expect(failure).rejects.toMatchObject({
      code: "rejected",
      message: expect.stringMatching(/field is immutable.*; whether the write was stored is not known, so run again$/),
    });
  });

  it("says that the outcome is unknown when nothing responds any more", async () => {
    const [server, store] = await start({ mapRoles: "old" });
    const base = await store.read();
    server.tricks.push(...Array<Trick>(8).fill({ cut: "before" }));
    const failure = store.write({ data: { mapRoles: "new" } }, base);
    await expect(failure).rejects.toBeInstanceOf(UnknownOutcomeError);
    await expect(failure).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(/whether the write was stored is not known, so run again$/),
    });
  });

  it.each([
    [
      "an admission webhook with 403",
      { status: 403, body: statusBody(403, "Forbidden", 'admission webhook "guard" denied the request: no') },
      "rejected",
      /refuses to patch .* with this change \(403: admission webhook "guard" denied the request: no\); change what/,
    ],
    [
      "an admission webhook with 400",
      { status: 400, body: statusBody(400, "", 'admission webhook "guard" denied the request: no') },
      "rejected",
      /refuses to patch .*admission webhook "guard" denied the request: no\); change what the message names/,
    ],
    [
      "its size",
      { status: 413, body: statusBody(413, "RequestEntityTooLarge", "limit is 3145728") },
      "tooLarge",
      /413: limit is 3145728/,
    ],
  ])("nothing that %s forbids because of what it says", async (_title, trick, code, message) => {
    const [server, store] = await start({ mapRoles: "old" });
    const base = await store.read();
    server.tricks.push(trick);
    const failure = store.write({ data: { mapRoles: "new" } }, base);
    await expect(failure).rejects.toBeInstanceOf(RefusedContentError);
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    // It asked whether a write without any change is refused as well.
    expect(server.requests.slice(2).map(({ line, body }) => [line.endsWith("&dryRun=All"), JSON.parse(body)])).toEqual([
      [true, { metadata: {}, data: {} }],
    ]);
    expect(server.version).toBe(1);
  });

  it.each([
    [
      // Nothing but the text tells it from a missing right, and only the message names both ways out.
      "an admission webhook",
      { status: 403, body: statusBody(403, "Forbidden", 'admission webhook "guard" denied the request: no') },
      "accessDenied",
      /refuses to patch .*admission webhook "guard" denied the request: no\); unless an admission policy forbids it, bind a role/,
      3,
    ],
    [
      "an immutable ConfigMap",
      {
        status: 422,
        body: statusBody(422, "Invalid", "data: Forbidden: field is immutable when `immutable` is set", {
          causes: [{ reason: "FieldValueForbidden", field: "data" }],
        }),
      },
      "rejected",
      /422: data: Forbidden: field is immutable/,
      2,
    ],
    [
      "a server without the API",
      { status: 405, body: statusBody(405, "MethodNotAllowed", "no") },
      "rejected",
      /405: no/,
      2,
    ],
  ])("nothing that %s forbids whatever it says", async (_title, trick, code, message, requests) => {
    const [server, store] = await start({ mapRoles: "old" });
    const base = await store.read();
    // The second is for the question whether a write without any change is refused as well.
    server.tricks.push(trick, trick);
    const failure = store.write({ data: { mapRoles: "new" } }, base);
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    await expect(failure).rejects.not.toBeInstanceOf(RefusedContentError);
    expect(server.requests).toHaveLength(requests);
  });
});
