import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer as createHttp, type Server as HttpServer, type RequestListener } from "node:http";
import { createServer as createHttps, request } from "node:https";
import { connect, createServer as createTcp, type Server, type Socket } from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { agentFor } from "../../../provider/cluster/agent.ts";
import { type ConfigMapStore, openStore, resolveClusterRef } from "../../../provider/cluster/index.ts";
import { UnknownOutcomeError } from "../../../provider/errors.ts";
import { impatient, settingsOf } from "./support.ts";

const pem = (name: string) => readFile(join(import.meta.dirname, "fixtures", `${name}.pem`), "utf8");
const identity = async (name: string) => ({ cert: await pem(name), key: await pem(`${name}.key`) });

/** Listens on a free port of 127.0.0.1, until the end of the test. */
async function listen(server: Server): Promise<{ readonly port: number; readonly sockets: ReadonlySet<Socket> }> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, sockets };
}

const configMap = JSON.stringify({ kind: "ConfigMap", metadata: { resourceVersion: "1" }, data: {} });
const respond: RequestListener = (_, response) => void response.end(configMap);
const startSilent = () => listen(createTcp((socket) => void socket.resume()));
const startTls = async (handle = respond) => listen(createHttps(await identity("server"), handle));

/** Leads every tunnel to the local server on the port that is asked for, whatever the host is. */
function lead(client: Socket, port: number, greeting: string | Buffer): void {
  const upstream = connect(port, "127.0.0.1", () => {
    client.write(greeting);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on("error", () => client.destroy());
  client.on("error", () => upstream.destroy()).on("close", () => upstream.destroy());
}

/** Makes an HTTP server a proxy. Returns the tunnels that are asked for, and the credentials. */
function tunnelsOf(server: HttpServer): string[] {
  const asked: string[] = [];
  server.on("connect", ({ url = "", headers }, client: Socket) => {
    asked.push([url, headers["proxy-authorization"]].filter(Boolean).join(" "));
    lead(client, Number(/\d+$/.exec(url)?.[0]), "HTTP/1.1 200 OK\r\n\r\n");
  });
  return asked;
}

/** A SOCKS5 proxy. `asked`: hosts and ports as they arrive, and the credentials. */
async function startSocks() {
  const asked: string[] = [];
  const server = createTcp(async (client) => {
    const next = () => new Promise<Buffer>((resolve) => client.once("data", resolve));
    const hasPassword = (await next()).includes(2, 2);
    client.write(Buffer.from([5, hasPassword ? 2 : 0]));
    if (hasPassword) {
      const said = await next();
      const nameEnd = 2 + (said[1] ?? 0);
      asked.push(`${said.subarray(2, nameEnd)}:${said.subarray(nameEnd + 1)}`);
      client.write(Buffer.from([1, 0]));
    }
    const asking = await next();
    const host = asking[3] === 3 ? asking.subarray(5, -2).toString() : asking.subarray(4, -2).join(".");
    const port = asking.readUInt16BE(asking.length - 2);
    asked.push(`${host}:${port}`);
    lead(client, port, Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
  });
  return { ...(await listen(server)), asked };
}

/** For what never ends by itself. */
const short = { read: 1_500, readTry: 600, write: 1_500, writeTry: 600, firstPause: 20 };

/** The store of a kubeconfig with one cluster. */
async function open(
  cluster: object,
  {
    env = {},
    authority = "ca",
    user = {},
    limits = impatient,
  }: { env?: Record<string, string>; authority?: string; user?: object; limits?: typeof impatient } = {},
): Promise<ConfigMapStore> {
  const ca = { "certificate-authority-data": Buffer.from(await pem(authority)).toString("base64") };
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster: { ...ca, ...cluster } }],
    users: [{ name: "u", user: { token: "t0p-secret", ...user } }],
    contexts: [{ name: "ctx", context: { cluster: "c", user: "u" } }],
    "current-context": "ctx",
  });
  const settings = settingsOf({ env });
  return openStore(await resolveClusterRef({ kubeconfig }, settings), settings, limits);
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const change = { data: { mapRoles: "[]\n" } };
const base = { data: {}, version: "1" };
const empty = { data: {}, version: "1" };

describe("a proxy", () => {
  it.each(["http", "https", "socks5"])(
    "of %s that is silent ends with the deadline, and nothing was sent",
    async (scheme) => {
      const [proxy, limits] = [await startSilent(), vi.spyOn(AbortSignal, "timeout")];
      onTestFinished(() => limits.mockRestore());
      const way = { server: "https://api.example", "proxy-url": `${scheme}://127.0.0.1:${proxy.port}` };
      const store = await open(way, { limits: short });
      const failures = await Promise.all([store.read(), store.write(change, base)].map(failureOf));
      for (const failure of failures) {
        expect(failure).toMatchObject({
          code: "clusterUnreachable",
          message: expect.stringContaining(
            `the proxy 127.0.0.1:${proxy.port} gives no connection: no response in time; check the network`,
          ),
        });
        expect(failure).not.toBeInstanceOf(UnknownOutcomeError);
      }
      // That of requests without a signal.
      expect(limits).not.toHaveBeenCalledWith(5_000);
      // An open connection would keep the process alive.
      await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
    },
  );

  it("that is silent ends for a request without a signal, as the AWS SDK makes them", async () => {
    const [proxy, timeout] = [await startSilent(), AbortSignal.timeout];
    const limits = vi.spyOn(AbortSignal, "timeout").mockImplementation((limit) => timeout(limit / 50));
    onTestFinished(() => limits.mockRestore());
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const agent = agentFor(new URL("https://eks.example"), { rejectUnauthorized: true }, env);
    const [failure] = await once(request("https://eks.example", { agent }).end(), "error");
    expect([String(failure), limits.mock.calls]).toEqual([expect.stringContaining("no response in time"), [[5_000]]]);
    await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
  });

  it("with a silent server behind it: nothing was sent in a TLS handshake", async () => {
    const [silent, server] = [await startSilent(), createHttp()];
    tunnelsOf(server);
    const proxy = await listen(server);
    const way = { server: `https://127.0.0.1:${silent.port}`, "proxy-url": `http://127.0.0.1:${proxy.port}` };
    const failure = await failureOf((await open(way, { limits: short })).write(change, base));
    expect(failure).toMatchObject({ message: expect.stringContaining("no response in time") });
    expect(failure).not.toBeInstanceOf(UnknownOutcomeError);
    await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
  });

  it.each([
    ["http://u%40x:p%3Aw@", "proxy-url"],
    ["http://", "HTTP_PROXY"],
  ])(
    "of http gets requests without TLS whole, as Go sends them, and opens no tunnel: %s in %s",
    async (scheme, where) => {
      const seen: unknown[] = [];
      const server = createHttp(({ method, url, headers }, response) => {
        seen.push([method, url, headers.host, headers.authorization, headers["proxy-authorization"]]);
        response.end(configMap);
      });
      const [proxy, tunnels] = [await listen(server), tunnelsOf(server)];
      const url = `${scheme}127.0.0.1:${proxy.port}`;
      const isInEnv = where === "HTTP_PROXY";
      const way = { server: "http://api.example:8080/k8s", ...(!isInEnv && { "proxy-url": url }) };
      const store = await open(way, { env: isInEnv ? { HTTP_PROXY: url } : {} });
      expect([await store.read(), await store.read()]).toEqual([empty, empty]);
      const path = "http://api.example:8080/k8s/api/v1/namespaces/kube-system/configmaps/aws-auth";
      const basic = isInEnv ? undefined : `Basic ${Buffer.from("u@x:p:w").toString("base64")}`;
      expect(seen).toEqual(Array(2).fill(["GET", path, "api.example:8080", "Bearer t0p-secret", basic]));
      expect([tunnels, proxy.sockets.size]).toEqual([[], 1]);
    },
  );

  it("that is silent may have sent a write without TLS", async () => {
    const way = { server: "http://api.example", "proxy-url": `http://127.0.0.1:${(await startSilent()).port}` };
    const failure = await failureOf((await open(way, { limits: short })).write(change, base));
    expect(failure).toBeInstanceOf(UnknownOutcomeError);
    expect(failure).toMatchObject({ message: expect.stringContaining("no response in time") });
  });

  it("that loses the response leaves it open whether a write is stored", async () => {
    const proxy = createHttp();
    const { port } = await startTls((request) => void request.socket.destroy());
    tunnelsOf(proxy);
    const way = { server: `https://127.0.0.1:${port}`, "proxy-url": `http://127.0.0.1:${(await listen(proxy)).port}` };
    await expect((await open(way)).write(change, base)).rejects.toBeInstanceOf(UnknownOutcomeError);
  });

  it("does not stay connected for a client certificate that is none", async () => {
    const server = createHttp();
    const [proxy, tunnels] = [await listen(server), tunnelsOf(server)];
    const silent = `https://127.0.0.1:${(await startSilent()).port}`;
    const way = { server: silent, "proxy-url": `http://127.0.0.1:${proxy.port}` };
    const none = Buffer.from("none").toString("base64");
    const user = { "client-certificate-data": none, "client-key-data": none };
    const store = await open(way, { user, limits: short });
    await expect(store.read()).rejects.toMatchObject({ message: expect.stringContaining("PEM") });
    expect(tunnels).not.toEqual([]);
    await vi.waitFor(() => expect(proxy.sockets.size).toBe(0));
  });

  it.each([
    ["http", "HTTP/1.1 407 No\r\n\r\n", "it answers CONNECT with 407"],
    ["socks5", "\u0005\u00ff", "Received invalid Socks5 initial handshake (no accepted authentication type)"],
  ])("of %s that refuses says so, without the password", async (scheme, answer, reason) => {
    const refuse = (client: Socket) => client.once("data", () => client.end(answer, "latin1"));
    const { port } = await listen(createTcp(refuse));
    const way = { server: "https://api.example", "proxy-url": `${scheme}://u:s3cret@127.0.0.1:${port}` };
    const failure = await failureOf((await open(way, { limits: short })).read());
    expect(failure).toMatchObject({
      message: expect.stringContaining(`the proxy 127.0.0.1:${port} gives no connection: ${reason}; check the network`),
    });
    expect(inspect(failure, { depth: Number.POSITIVE_INFINITY })).not.toContain("s3cret");
  });

  it.each([undefined, "0"])(
    "behind TLS gets its password once it is verified, with NODE_TLS_REJECT_UNAUTHORIZED=%s",
    async (variable) => {
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", variable);
      const authorities = tls.getCACertificates("default");
      onTestFinished(() => {
        vi.unstubAllEnvs();
        tls.setDefaultCACertificates(authorities);
      });
      const proxy = createHttps(await identity("server"));
      const [{ port }, tunnels, server] = [await listen(proxy), tunnelsOf(proxy), await startTls()];
      const way = {
        server: `https://other.example:${server.port}`,
        "tls-server-name": "api.example",
        "proxy-url": `https://u%40x:p%3Aw@127.0.0.1:${port}`,
      };
      await expect((await open(way)).read()).rejects.toMatchObject({
        code: "certificateNotTrusted",
        message: expect.stringContaining(
          `the proxy 127.0.0.1:${port} gives no connection: TLS certificate not trusted`,
        ),
      });
      expect(tunnels).toEqual([]);
      tls.setDefaultCACertificates([await pem("ca")]);
      expect(await (await open(way)).read()).toEqual(empty);
      const basic = Buffer.from("u@x:p:w").toString("base64");
      expect(tunnels).toEqual([`other.example:${server.port} Basic ${basic}`]);
    },
  );

  it.each([
    ["socks5://", "api.example", [], "proxy-url"],
    ["socks5h://", "api.example", [], "HTTPS_PROXY"],
    ["socks://", "api.example", [], "HTTPS_PROXY"],
    ["socks5://u%40x:p%3Aw@", "127.0.0.1", ["u@x:p:w"], "proxy-url"],
  ])("of %s looks up %s itself, and the server behind it is verified", async (scheme, host, credentials, where) => {
    const names = new Set<unknown>();
    const server = await startTls((request, response) => {
      names.add(request.socket instanceof tls.TLSSocket && request.socket.servername);
      response.end(configMap);
    });
    const [proxy, { port }] = [await startSocks(), server];
    const url = `${scheme}127.0.0.1:${proxy.port}`;
    const isInEnv = where === "HTTPS_PROXY";
    const way = { server: `https://${host}:${port}`, ...(!isInEnv && { "proxy-url": url }) };
    const env = isInEnv ? { HTTPS_PROXY: url } : {};
    const store = await open(way, { env });
    expect(await Promise.all([store.read(), store.read()])).toEqual([empty, empty]);
    expect(await store.read()).toEqual(empty);
    expect(names).toEqual(new Set([host === "api.example" && host]));
    expect(new Set(proxy.asked)).toEqual(new Set([...credentials, `${host}:${port}`]));
    await expect((await open(way, { authority: "stranger", env })).read()).rejects.toThrow(
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    );
    const named = { ...way, "tls-server-name": "other.example" };
    await expect((await open(named, { env })).read()).rejects.toThrow("ERR_TLS_CERT_ALTNAME_INVALID");
  });
});

describe("the URL of a proxy", () => {
  const malformed = [
    "http://",
    "http:///s3cret",
    "http://u:s3cret@p:99999",
    "http://u:s3cret%@p:1",
    "ftp://u:s3cret@p:1",
    "socks5:///s3cret",
    "s3cret.example:8080:1",
  ];
  const server = "https://api.example";

  it.each([...malformed, "p.example:8080"])("%s is none in a kubeconfig", async (url) => {
    const failure = await failureOf(open({ server, "proxy-url": url }).then((store) => store.read()));
    expect(failure).toMatchObject({
      code: "invalidKubeconfig",
      message: expect.stringMatching(
        /^cluster "c" of .* has a proxy-url that is not a URL with http, https or socks5; correct it$/,
      ),
    });
    expect(String(failure)).not.toContain("s3cret");
  });

  it.each(malformed.flatMap((url) => [[url, "HTTPS_PROXY"] as const, [url, "https_proxy"] as const]))(
    "%s is none in %s",
    async (url, variable) => {
      const failure = await failureOf((await open({ server }, { env: { [variable]: url } })).read());
      expect(failure).toMatchObject({
        code: "clusterUnreachable",
        message: expect.stringMatching(
          new RegExp(`^the environment variable ${variable} is not the URL of a proxy, such`),
        ),
      });
      expect(String(failure)).not.toContain("s3cret");
    },
  );
});
