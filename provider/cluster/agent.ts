import { Agent as HttpsAgent } from "node:https";
import { AwsAuthError } from "../errors";

type Env = Readonly<Record<string, string | undefined>>;

interface TlsOptions {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | string | undefined;
  readonly key?: Buffer | string | undefined;
  /** The name in the server's certificate, if it differs from the host. */
  readonly servername?: string | undefined;
  readonly maxSockets?: number;
}

/** Hosts for which the environment's proxy is never used. */
const thisMachine = "localhost,127.0.0.1,::1";

/** How long it may take to open a connection, in milliseconds. */
export const openLimit = 5_000;

/** An agent that uses the given proxy, or otherwise that of the environment (HTTPS_PROXY and NO_PROXY, in upper or lower case). */
export async function agentFor(tls: TlsOptions, env: Env, proxy?: string, limit = openLimit): Promise<HttpsAgent> {
  // `rejectUnauthorized` is always set, since Node reads its default from the environment.
  const options = { keepAlive: true, ...tls, rejectUnauthorized: true };
  const used = proxy === undefined ? proxyOf(env) : parseProxy(proxy);
  if (used === undefined) {
    return new HttpsAgent(options);
  }
  if (used.protocol.startsWith("socks")) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    // Like kubectl, lets the proxy resolve the host.
    return new SocksProxyAgent(used.href.replace(/^socks5:/, "socks5h:"), options);
  }
  assertVerified("an https proxy", used.href);
  const exempt = [thisMachine, env["NO_PROXY"] || env["no_proxy"]].filter(Boolean).join(",");
  const proxyEnv = { HTTPS_PROXY: used.href, ...(proxy === undefined && { NO_PROXY: exempt }) };
  return limitOpening(new HttpsAgent({ ...options, proxyEnv }), limit);
}

/** Refuses a connection for which a library lets Node read from the environment whether the certificate is verified. */
export function assertVerified(what: string, url = ""): void {
  if (/^https:/i.test(url) && process.env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0") {
    const remedy = "unset it, and name a private certificate authority in NODE_EXTRA_CA_CERTS";
    const text = `NODE_TLS_REJECT_UNAUTHORIZED=0 disables the verification of the certificate of ${what}; ${remedy}`;
    throw new AwsAuthError("invalidInput", text);
  }
}

/**
 * Limits the time to open a connection through a proxy: to the proxy, its answer, and TLS. Node gives the connection to the request
 * only then, so aborting the request would neither end it nor close the connection.
 */
function limitOpening(agent: HttpsAgent, limit: number): HttpsAgent {
  const open = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const timer = setTimeout(() => {
      if (socket) {
        done?.(new DOMException("the connection was not opened in time", "TimeoutError"), socket);
        socket.destroy();
      }
    }, limit);
    const socket = open(options, (error, opened) => {
      clearTimeout(timer);
      done?.(error, opened);
    });
    // A request to a host in NO_PROXY already has its connection.
    queueMicrotask(() => {
      if (new Set<unknown>(Object.values(agent.sockets).flat()).has(socket)) {
        clearTimeout(timer);
      }
    });
    return socket;
  };
  return agent;
}

/** The rule for the URL of a proxy, and the remedy. Never quote the URL, since it may contain a password. */
export const proxyRule = {
  fault: "is not the URL of an http, https or socks5 proxy",
  remedy:
    "write http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with special characters in the password percent-encoded (# as %23, % as %25)",
};

/** The URL of a proxy; undefined for any other text. Refuses a path, since a password with `#`, `/` or `?` may look like one. */
export function parseProxy(text: string): URL | undefined {
  try {
    const url = new URL(text);
    decodeURIComponent(`${url.username}:${url.password}`);
    const isBare = /^\/?$/.test(url.pathname + url.search + url.hash);
    return isBare && url.hostname !== "" && /^(?:https?|socks5h?):$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

function proxyOf(env: Env): URL | undefined {
  const source = env["HTTPS_PROXY"] ? "HTTPS_PROXY" : "https_proxy";
  const given = env[source];
  if (!given) {
    return undefined;
  }
  const url = parseProxy(given.includes("://") ? given : `http://${given}`);
  if (url === undefined) {
    throw new AwsAuthError("invalidInput", `${source} ${proxyRule.fault}; ${proxyRule.remedy}`);
  }
  return url;
}
