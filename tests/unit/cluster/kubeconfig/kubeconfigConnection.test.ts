import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer, type Server } from "node:https";
import { type AddressInfo, connect, type Server as NetServer } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { loadOptionalPackage } from "../../../../provider/engine/optionalPackage.ts";
import { impatient, settingsOf, temporaryDirectory } from "../support.ts";

const fixtures = join(import.meta.dirname, "../fixtures");
const pem = (name: string) => readFile(join(fixtures, `${name}.pem`));
const base64 = async (name: string) => (await pem(name)).toString("base64");

interface Seen {
  readonly headers: IncomingMessage["headers"];
  /** Common name of the client's certificate. */
  readonly client: string | undefined;
}

/** An API server behind TLS that writes down who asks; `responses` are the statuses of its first responses. */
async function startTls(
  ...responses: number[]
): Promise<{ url: string; port: number; seen: Seen[]; connections: () => number }> {
  const seen: Seen[] = [];
  const server = createTlsServer(
    {
      cert: await pem("server"),
      key: await pem("server.key"),
      ca: await pem("ca"),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const { socket } = request;
      const subject = socket instanceof TLSSocket ? socket.getPeerCertificate().subject : undefined;
      seen.push({ headers: request.headers, client: subject?.CN?.toString() });
      response.statusCode = responses.shift() ?? 200;
      response.end(JSON.stringify({ kind: "ConfigMap", metadata: { resourceVersion: "1" }, data: {} }));
    },
  );
  let connections = 0;
  server.on("connection", () => connections++);
  const port = await listen(server);
  return { url: `https://127.0.0.1:${port}`, port, seen, connections: () => connections };
}

async function listen(server: Server | NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return isAddress(address) ? address.port : 0;
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

/** Opens the store of a kubeconfig file with one cluster and one user. */
async function open(
  cluster: object,
  user: object | undefined,
  extra: Parameters<typeof settingsOf>[0] = {},
  cwd?: string,
) {
  const directory = cwd ?? (await temporaryDirectory());
  const kubeconfig = {
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: user === undefined ? [] : [{ name: "u", user }],
    contexts: [{ name: "ctx", context: { cluster: "c", user: "u" } }],
    "current-context": "ctx",
  };
  await writeFile(join(directory, "kubeconfig"), JSON.stringify(kubeconfig));
  const settings = settingsOf({ ...extra, cwd: directory });
  return openStore(await resolveClusterRef({ kubeconfig: "kubeconfig" }, settings), settings, impatient);
}

/** A credential plugin: a shell script, in a directory of its own. */
async function pluginOf(script: string): Promise<{ cwd: string; command: string }> {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "plugin"), `#!/bin/sh\n${script}\n`);
  await chmod(join(cwd, "plugin"), 0o755);
  return { cwd, command: "./plugin" };
}

describe("KubeconfigConnection verifies the server", () => {
  it("by the certificate authority given as data", async () => {
    const { url, seen } = await startTls();
    const store = await open({ server: url, "certificate-authority-data": await base64("ca") }, { token: "t" });
    expect(await store.read()).toEqual({ data: {}, version: "1" });
    expect(seen[0]?.headers.authorization).toBe("Bearer t");
    expect(store.warnings).toEqual([]);
  });

  it("by the certificate authority in a file beside the kubeconfig", async () => {
    const { url } = await startTls();
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, "ca.pem"), await pem("ca"));
    expect(
      await (await open({ server: url, "certificate-authority": "ca.pem" }, { token: "t" }, {}, cwd)).read(),
    ).toBeTruthy();
  });

  it("unless the kubeconfig says not to, with a warning", async () => {
    const { url } = await startTls();
    const store = await open({ server: url, "insecure-skip-tls-verify": true }, { token: "t" });
    await store.read();
    expect(store.warnings).toEqual([
      expect.stringMatching(
        /^the API server of context "ctx" is not verified, since kubeconfig ".*" says insecure-skip-tls-verify/,
      ),
    ]);
  });

  it("under another name where the kubeconfig gives one", async () => {
    const { url } = await startTls();
    const ca = await base64("ca");
    const named = (name: string) => ({ server: url, "certificate-authority-data": ca, "tls-server-name": name });
    expect(await (await open(named("api.example"), { token: "t" })).read()).toBeTruthy();
    await expect((await open(named("other.example"), { token: "t" })).read()).rejects.toMatchObject({
      message: expect.stringMatching(/ERR_TLS_CERT_ALTNAME_INVALID/),
    });
  });
});

describe("KubeconfigConnection says who we are", () => {
  async function seenFrom(user: object | undefined): Promise<Seen | undefined> {
    const { url, seen } = await startTls();
    await (await open({ server: url, "certificate-authority-data": await base64("ca") }, user)).read();
    return seen[0];
  }

  it("by a client certificate", async () => {
    const data = { "client-certificate-data": await base64("client"), "client-key-data": await base64("client.key") };
    expect((await seenFrom(data))?.client).toBe("client");
    const files = {
      "client-certificate": join(fixtures, "client.pem"),
      "client-key": join(fixtures, "client.key.pem"),
    };
    expect((await seenFrom(files))?.client).toBe("client");
  });

  it("by a token in a file", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "token"), "from-file\n");
    const seen = await seenFrom({ tokenFile: join(directory, "token"), token: "old" });
    expect(seen?.headers.authorization).toBe("Bearer from-file");
  });

  it("by a password", async () => {
    expect((await seenFrom({ username: "u", password: "p" }))?.headers.authorization).toBe("Basic dTpw");
  });

  it("not at all, for a context whose user is not there", async () => {
    expect((await seenFrom(undefined))?.headers.authorization).toBeUndefined();
  });

  it("as somebody else", async () => {
    const seen = await seenFrom({ token: "t", as: "jane", "as-groups": ["a", "b"], "as-user-extra": { "k/x": ["v"] } });
    expect(seen?.headers).toMatchObject({
      "impersonate-user": "jane",
      "impersonate-group": "a, b",
      "impersonate-extra-k%2fx": "v",
    });
  });

  it("by an auth-provider, through @kubernetes/client-node", async () => {
    // Its thousands of files may take longer on a busy machine than the impatient read waits.
    loadOptionalPackage("@kubernetes/client-node", import.meta.dirname);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const idToken = `${part({ alg: "none" })}.${part({ exp: Date.now() / 1000 + 3600 })}.x`;
    const config = {
      "client-id": "c",
      "idp-issuer-url": "https://idp.invalid",
      "id-token": idToken,
      "refresh-token": "r",
    };
    const seen = await seenFrom({ "auth-provider": { name: "oidc", config } });
    expect(seen?.headers.authorization).toBe(`Bearer ${idToken}`);
  });

  it("by an auth-provider not with a @kubernetes/client-node of the program's from before 1.0", async () => {
    const cwd = await temporaryDirectory();
    const old = join(cwd, "node_modules", "@kubernetes", "client-node");
    await mkdir(old, { recursive: true });
    await writeFile(join(old, "index.js"), "exports.KubeConfig = class { applytoHTTPSOptions() {} };");
    const { url } = await startTls();
    const cluster = { server: url, "certificate-authority-data": await base64("ca") };
    const store = await open(cluster, { "auth-provider": { name: "oidc" } }, {}, cwd);
    await expect(store.read()).rejects.toMatchObject({
      code: "missingPackage",
      message: `the auth-provider of user "u" of kubeconfig "${cwd}/kubeconfig" needs the package @kubernetes/client-node, 1.0 or newer, which is not installed; run "npm install @kubernetes/client-node@latest" in ${cwd}, or give the user an exec plugin in place of the auth-provider`,
    });
  });

  it("not by an auth-provider that client-go has dropped, whose program would keep all others waiting", async () => {
    const config = { "cmd-path": "/bin/sleep", "cmd-args": "8" };
    await expect(seenFrom({ "auth-provider": { name: "gcp", config } })).rejects.toMatchObject({
      code: "invalidKubeconfig",
      message: expect.stringMatching(/has an auth-provider other than oidc, .*; give it an exec plugin/),
    });
  });

  it("unless a file that it takes is missing", async () => {
    await expect(seenFrom({ tokenFile: "gone" })).rejects.toMatchObject({
      code: "invalidKubeconfig",
      message: expect.stringMatching(/names file ".*\/gone", which cannot be read \(ENOENT\)/),
    });
  });
});

describe("KubeconfigConnection runs a credential plugin", () => {
  const credential = (status: object) => `printf %s '${JSON.stringify({ kind: "ExecCredential", status })}'`;

  async function openWith(script: string, exec: object = {}, ...responses: number[]) {
    const { url, seen } = await startTls(...responses);
    const { cwd, command } = await pluginOf(script);
    const cluster = { server: url, "certificate-authority-data": await base64("ca") };
    const plugin = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never", command, ...exec };
    return { store: await open(cluster, { exec: plugin }, {}, cwd), seen, cwd, url };
  }

  it("once for many requests, beside the kubeconfig, with its environment and arguments", async () => {
    const { store, seen, cwd, url } = await openWith(
      `echo "$1 $MINE $KUBERNETES_EXEC_INFO" >> "$(dirname "$0")/log"; ${credential({ token: "from-plugin" })}`,
      { args: ["arg"], env: [{ name: "MINE", value: "env" }], provideClusterInfo: true },
    );
    await store.read();
    await store.read();
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer from-plugin", "Bearer from-plugin"]);
    const [line, ...more] = (await readFile(join(cwd, "log"), "utf8")).trim().split("\n");
    expect(more).toEqual([]);
    expect(line).toMatch(/^arg env \{/);
    expect(JSON.parse(line?.slice("arg env ".length) ?? "")).toMatchObject({
      kind: "ExecCredential",
      apiVersion: "client.authentication.k8s.io/v1",
      spec: { interactive: false, cluster: { server: url } },
    });
  });

  it("again when the credentials end, and when the server does not accept them", async () => {
    const counting = (expires: string) =>
      `echo x >> "$(dirname "$0")/log"; echo "{\\"status\\":{\\"token\\":\\"t$(wc -l < "$(dirname "$0")/log" | tr -d ' ')\\"${expires}}}"`;
    const expired = await openWith(counting(`,\\"expirationTimestamp\\":\\"2020-01-01T00:00:00Z\\"`));
    await expired.store.read();
    await expired.store.read();
    expect(expired.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer t1", "Bearer t2"]);
    const refused = await openWith(counting(""), {}, 401);
    await refused.store.read();
    expect(refused.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer t1", "Bearer t2"]);
  });

  it("that gives a certificate", async () => {
    const status = {
      clientCertificateData: (await pem("client")).toString(),
      clientKeyData: (await pem("client.key")).toString(),
    };
    const { store, seen } = await openWith(credential(status));
    await store.read();
    expect(seen[0]?.client).toBe("client");
  });

  it.each([
    [
      "fails",
      "echo 'Token has expired, eyJhbGciOi.eyJzdWIi.c2ln' >&2; exit 3",
      {},
      "credentials",
      /^user "u" of kubeconfig ".*" gets its credentials from ".*\/plugin", which ended with exit code 3 \(Token has expired, <redacted>\); log in again/,
    ],
    [
      "repeats its environment",
      'echo "The config profile ($AWS_PROFILE) could not be found, $MY_VARIABLE" >&2; exit 255',
      {
        env: [
          { name: "AWS_PROFILE", value: "production" },
          { name: "MY_VARIABLE", value: "who-knows-what" },
        ],
      },
      "credentials",
      /exit code 255 \(The config profile \(production\) could not be found, <redacted>\)/,
    ],
    ["prints nothing of use", "echo hello", {}, "credentials", /did not print an ExecCredential/],
    [
      "is not installed",
      "",
      { command: "no-such-plugin", installHint: "Install it from example.com" },
      "invalidKubeconfig",
      /"no-such-plugin", which cannot be run: there is no such program on PATH; install it \(Install it from example.com\)/,
    ],
    ["needs a terminal", "", { interactiveMode: "Always" }, "invalidKubeconfig", /needs a terminal/],
  ])("and says so when it %s", async (_title, script, exec, code, message) => {
    const { store } = await openWith(script, exec);
    await expect(store.read()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("no longer than a read may take", async () => {
    const { store } = await openWith("exec sleep 60");
    const before = performance.now();
    await expect(store.read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(/did not respond in time/),
    });
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe("KubeconfigConnection finds its way", () => {
  /** A proxy that tunnels, as `https_proxy` and `proxy-url` name one. */
  async function startProxy(): Promise<{ url: string; tunnels: string[] }> {
    const tunnels: string[] = [];
    const proxy = createHttpServer();
    proxy.on("connect", (request, client) => {
      tunnels.push(request.url ?? "");
      // The target's name is made up, and stands for the local server.
      const upstream = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
    });
    return { url: `http://127.0.0.1:${await listen(proxy)}`, tunnels };
  }

  it("through the kubeconfig's proxy, and verifies the server behind it", async () => {
    const [proxy, server] = [await startProxy(), await startTls()];
    const cluster = { server: server.url, "certificate-authority-data": await base64("ca"), "proxy-url": proxy.url };
    expect(await (await open(cluster, { token: "t" })).read()).toEqual({ data: {}, version: "1" });
    expect(proxy.tunnels).toEqual([`127.0.0.1:${server.port}`]);
    await expect(
      (await open({ server: server.url, "proxy-url": proxy.url }, { token: "t" })).read(),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/TLS certificate not trusted/),
    });
  });

  it("through the environment's proxy", async () => {
    const [proxy, server] = [await startProxy(), await startTls()];
    const cluster = { server: `https://api.example:${server.port}`, "certificate-authority-data": await base64("ca") };
    const store = await open(cluster, { token: "t" }, { env: { HTTPS_PROXY: proxy.url } });
    expect(await store.read()).toEqual({ data: {}, version: "1" });
    expect(proxy.tunnels).toEqual([`api.example:${server.port}`]);
  });

  it("to the server that the mapping was made on, whatever the current context is", async () => {
    const { url } = await startTls();
    const cwd = await temporaryDirectory();
    const ca = await base64("ca");
    const cluster = (server: string) => ({ server, "certificate-authority-data": ca });
    const kubeconfig = (servers: Record<string, string>) =>
      JSON.stringify({
        clusters: Object.entries(servers).map(([name, server]) => ({ name, cluster: cluster(server) })),
        contexts: Object.keys(servers).map((name) => ({ name, context: { cluster: name } })),
        "current-context": Object.keys(servers)[0],
      });
    const settings = settingsOf({ cwd, config: { "aws-auth:kubeconfig": "kubeconfig" } });
    await writeFile(join(cwd, "kubeconfig"), kubeconfig({ mine: url }));
    const ref = await resolveClusterRef(undefined, settings);
    await writeFile(join(cwd, "kubeconfig"), kubeconfig({ other: "https://other.example", renamed: url }));
    const store = await openStore(ref, settings, impatient);
    expect(store.label).toBe('the cluster of context "renamed"');
    expect(await store.read()).toEqual({ data: {}, version: "1" });
    await writeFile(join(cwd, "kubeconfig"), kubeconfig({ other: "https://other.example" }));
    await expect(openStore(ref, settings, impatient)).rejects.toMatchObject({
      code: "clusterChanged",
      message: `kubeconfig "${cwd}/kubeconfig" no longer leads to the cluster that this mapping was made on: none of its 1 contexts has that API server; set AWS_AUTH_KUBECONFIG, and AWS_AUTH_CONTEXT if several contexts lead there, to reach it, or, if the cluster is gone, remove its mappings with "pulumi state delete"`,
    });
  });
});
