import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP } from "node:net";

export type Env = Readonly<Record<string, string | undefined>>;

/** What decides whom a connection trusts, and who it is. `rejectUnauthorized` is always set: Node reads a default from the environment. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly ca?: Buffer;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  /** The name in the server's certificate, if it is not the host. */
  readonly servername?: string;
}

/**
 * An agent for one server, through the proxy that is named for it, else through that of the environment (HTTPS_PROXY and NO_PROXY, in upper
 * or lower case). Node implements http and https proxies itself. This machine needs no proxy.
 *
 * @param proxy the `proxy-url` of a kubeconfig.
 */
export async function agentFor(url: URL, tls: TlsOptions, env: Env, proxy?: string): Promise<HttpAgent> {
  if (url.protocol === "http:") {
    return new HttpAgent({ keepAlive: true });
  }
  const options = { keepAlive: true, ...tls };
  const used = proxy ?? proxyOf(env);
  if (used === undefined || isThisMachine(url.hostname) || (proxy === undefined && isExempt(url.hostname, env))) {
    return new HttpsAgent(options);
  }
  if (/^socks/i.test(used)) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    return new SocksProxyAgent(used, options);
  }
  return new HttpsAgent({ ...options, proxyEnv: { HTTPS_PROXY: used } });
}

/** How many calls of AWS run at once, so that a run does not use up the account's rate limit. */
export const maxSockets = 8;

/** An agent for all hosts of AWS, with the proxy of the environment. */
export async function agentForAws(env: Env): Promise<HttpsAgent> {
  const options = { keepAlive: true, rejectUnauthorized: true, maxSockets };
  const used = proxyOf(env);
  if (used !== undefined && /^socks/i.test(used)) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    return new SocksProxyAgent(used, options);
  }
  const exempt = env["NO_PROXY"] || env["no_proxy"] || undefined;
  return new HttpsAgent(
    used === undefined ? options : { ...options, proxyEnv: { HTTPS_PROXY: used, NO_PROXY: exempt } },
  );
}

function proxyOf(env: Env): string | undefined {
  const given = env["HTTPS_PROXY"] || env["https_proxy"] || undefined;
  return given === undefined || given.includes("://") ? given : `http://${given}`;
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));
}

/** A rule of NO_PROXY is `*`, a host, or a domain with its subdomains. */
function isExempt(host: string, env: Env): boolean {
  const rules = (env["NO_PROXY"] || env["no_proxy"] || "").split(",").map((rule) => rule.trim().toLowerCase());
  return rules.some((rule) => {
    const domain = rule.replace(/^\*?\./, "");
    return rule === "*" || (domain !== "" && (host === domain || host.endsWith(`.${domain}`)));
  });
}
