import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { agentFor } from "../../../provider/cluster/agent.ts";
import { type ApiConnection, type Limits, send } from "../../../provider/cluster/http.ts";
import { listen, pem, startApiServer, startHttpProxy } from "../../support/cluster/apiServer.ts";
import { expectFailure } from "../../support/cluster/kubeconfigs.ts";

const limits: Limits = { read: 6_000, readTry: 1_000, write: 6_000 };
const path = "/api/v1/namespaces/kube-system/configmaps/aws-auth";

/** A connection to a server, whose credentials are numbered. */
function connectionTo(url: string, env: Record<string, string> = {}, proxy?: string, openLimit?: number) {
  let renewed = 0;
  const connection: ApiConnection = {
    label: "the cluster",
    identity: "user u",
    credentialsRemedy: "log in",
    unreachableRemedy: "check the network",
    namespace: "default",
    account: async () => undefined,
    assertMapCounts: async () => {},
    endpoint: async () => new URL(url),
    authorize: async (renew) => {
      renewed += renew ? 1 : 0;
      const agent = await agentFor({ ca: pem("ca") }, env, proxy, openLimit);
      return { headers: { authorization: `Bearer ${renewed}` }, agent };
    },
  };
  return connection;
}

const read = (connection: ApiConnection) => send(connection, { method: "GET", path }, limits);

/** A SOCKS5 proxy without a password. */
async function socksProxy(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((client) => {
    client.once("data", () => {
      client.write(Buffer.from([5, 0]));
      client.once("data", (request) => {
        const length = request[4] ?? 0;
        const port = request.readUInt16BE(5 + length);
        asked.push(`${request.subarray(5, 5 + length)}:${port}`);
        const upstream = connect(port, "127.0.0.1", () => {
          client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          upstream.pipe(client).pipe(upstream);
        });
        upstream.on("error", () => client.destroy());
      });
    });
  });
  return { url: `socks5://127.0.0.1:${await listen(server)}`, asked };
}

describe("a read", () => {
  it.each([
    ["the connection breaks", { cut: "before" }],
    ["the response is cut off", { truncate: true }],
    ["the server is overloaded", { status: 429 }],
    ["the server fails", { status: 503 }],
    ["the server does not respond within the limit", { hang: true }],
  ] as const)("is retried once if %s", async (_title, trick) => {
    const server = await startApiServer({ a: "b" });
    server.faults.push(trick);
    expect(await read(connectionTo(server.url))).toMatchObject({ status: 200 });
    expect(server.requests).toHaveLength(2);
  });

  it("fails with one sentence after two attempts", async () => {
    const server = await startApiServer({});
    server.faults.push({ cut: "before" }, { cut: "before" });
    await expectFailure(
      read(connectionTo(server.url)),
      "clusterUnreachable",
      `the cluster cannot be reached at ${server.url} with user u: connection reset (ECONNRESET); check the network`,
    );
  });

  it("fails within its limit if the server does not respond", async () => {
    const port = await listen(createServer((socket) => void socket.resume()));
    const message = /timed out; check the network$/;
    await expectFailure(read(connectionTo(`https://127.0.0.1:${port}`)), "clusterUnreachable", message);
  });
});

describe("a request", () => {
  it("is retried with new credentials if the server refuses the old ones", async () => {
    const server = await startApiServer({ a: "b" });
    server.faults.push({ status: 401 });
    expect(await read(connectionTo(server.url))).toMatchObject({ status: 200 });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer 0", "Bearer 1"]);
    server.faults.push({ status: 401 }, { status: 401 });
    expect(await read(connectionTo(server.url))).toMatchObject({ status: 401 });
  });

  it("is never retried if it writes, because the write may have succeeded", async () => {
    const server = await startApiServer({ a: "b" });
    server.faults.push({ cut: "after" });
    const body = JSON.stringify({ metadata: {}, data: { a: "c" } });
    const write = { method: "PATCH", path, body } as const;
    await expectFailure(send(connectionTo(server.url), write, limits), "clusterUnreachable");
    expect(server.requests).toHaveLength(1);
  });
});

describe("a proxy", () => {
  /** A server under a name that only the proxy resolves. */
  async function remoteServer(host = "api.example"): Promise<string> {
    return (await startApiServer({ a: "b" })).url.replace("127.0.0.1", host);
  }

  it.each([
    ["HTTPS_PROXY", "http://me:pass@"],
    ["https_proxy", "me:pass@"],
    ["HTTPS_PROXY", "HTTP://me:p%61ss@"],
    ["HTTPS_PROXY", "http://m%40e:%23%25%2F@", "m@e:#%/"],
  ])("from %s is used with its password: %s", async (name, prefix, credentials = "me:pass") => {
    const [url, proxy] = [await remoteServer(), await startHttpProxy()];
    const connection = connectionTo(url, { [name]: proxy.url.replace("http://", prefix) });
    expect(await read(connection)).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([`${new URL(url).host} Basic ${btoa(credentials)}`]);
  });

  it.each([
    "http://me:t0p#s3cret@proxy.example:3128",
    "http://me:12#s3cret@proxy.example:3128",
    "http://me:12/s3cret@proxy.example:3128",
    "me:12?s3cret@proxy.example:3128",
    "http://me:t0p%s3cret@proxy.example:3128",
    "http://me:%ffs3cret@proxy.example:3128",
    "socks5://me:t0p%s3cret@proxy.example:1080",
    "ftp://me:s3cret@proxy.example",
    "http://",
    "proxy example",
  ])("with the URL %s is refused without its password", async (url) => {
    const text =
      "is not the URL of an http, https or socks5 proxy; write http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with special characters in the password percent-encoded (# as %23, % as %25)";
    const failure = read(connectionTo("https://api.example", { https_proxy: url }));
    await expectFailure(failure, "invalidInput", `https_proxy ${text}`);
  });

  const connected = "HTTP/1.1 200 OK\r\n\r\n";
  it.each([
    ["never answers", "http", ""],
    ["never answers over TLS", "https", ""],
    ["connects to a server that never answers", "http", connected],
    ["never answers over SOCKS", "socks5", ""],
  ])("that %s does not block a request or the process", async (_title, scheme, answer) => {
    const sockets: Promise<unknown>[] = [];
    const silent = createServer((socket) => {
      sockets.push(once(socket, "close"));
      socket.once("data", () => void socket.write(answer)).resume();
    });
    const connection = connectionTo("https://1.1.1.1", {}, `${scheme}://127.0.0.1:${await listen(silent)}`, 200);
    const failure = send(connection, { method: "PATCH", path }, { ...limits, write: 400 });
    await expectFailure(failure, "clusterUnreachable", /: timed out; check the network$/);
    // Our agent closes its connection; that for SOCKS does so within the limit of its library.
    await Promise.all(scheme === "socks5" ? [] : sockets);
  });

  it("from a kubeconfig takes precedence over the environment", async () => {
    const connection = connectionTo(
      await remoteServer(),
      { HTTPS_PROXY: "http://127.0.0.1:1" },
      (await startHttpProxy()).url,
    );
    expect(await read(connection)).toMatchObject({ status: 200 });
  });

  it("may be SOCKS5, and resolves the host", async () => {
    const [url, proxy] = [await remoteServer(), await socksProxy()];
    for (const connection of [connectionTo(url, {}, proxy.url), connectionTo(url, { HTTPS_PROXY: proxy.url })]) {
      expect(await read(connection)).toMatchObject({ status: 200 });
      // A slow machine connects twice.
      expect(new Set(proxy.asked.splice(0))).toEqual(new Set([new URL(url).host]));
    }
  });

  it.each([
    ["this machine", {}, "127.0.0.1"],
    ["a host in NO_PROXY", { NO_PROXY: "other.example, .example" }, "api.example"],
    ["any host, with *", { no_proxy: "*" }, "api.example"],
  ])("is not used for %s", async (_title, env, host) => {
    const [url, proxy] = [await remoteServer(host), await startHttpProxy()];
    await read(connectionTo(url, { HTTPS_PROXY: proxy.url, ...env })).catch(() => undefined);
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ["dead", async () => 1, /connection refused \(ECONNREFUSED\); check the network$/],
    ["not a proxy", () => listen(createServer((socket) => void socket.end("nonsense"))), /; check the network$/],
  ])("that is %s causes an error without its password, within the limit", async (_title, portOf, message) => {
    const HTTPS_PROXY = `http://me:pa55word@127.0.0.1:${await portOf()}`;
    const failure = read(connectionTo("https://api.example", { HTTPS_PROXY }));
    await expectFailure(failure, "clusterUnreachable", message);
    await expect(failure).rejects.not.toThrow(/pa55word/);
  });
});
