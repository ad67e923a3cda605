import { Agent } from "node:https";

type Env = Readonly<Record<string, string | undefined>>;

/** What decides whom a connection trusts, and who it is. `rejectUnauthorized` is always set: Node reads a default from the environment. */
interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly ca?: Buffer;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  /** The name in the server's certificate, if it is not the host. */
  readonly servername?: string;
  readonly maxSockets?: number;
}

/** Hosts that the proxy of the environment is never asked for. */
const thisMachine = "localhost,127.0.0.1,::1";

/**
 * An agent with the proxy that is named for it, else that of the environment (HTTPS_PROXY and NO_PROXY, in upper or lower case). Node
 * implements http and https proxies itself.
 *
 * @param proxy the `proxy-url` of a kubeconfig.
 */
export async function agentFor(tls: TlsOptions, env: Env, proxy?: string): Promise<Agent> {
  const options = { keepAlive: true, ...tls };
  const used = proxy ?? proxyOf(env);
  if (used === undefined) {
    return new Agent(options);
  }
  if (/^socks/i.test(used)) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    return new SocksProxyAgent(used, options);
  }
  const exempt = [thisMachine, env["NO_PROXY"] || env["no_proxy"]].filter(Boolean).join(",");
  const proxyEnv = { HTTPS_PROXY: used, ...(proxy === undefined && { NO_PROXY: exempt }) };
  return new Agent({ ...options, proxyEnv });
}

function proxyOf(env: Env): string | undefined {
  const given = env["HTTPS_PROXY"] || env["https_proxy"] || undefined;
  return given === undefined || given.includes("://") ? given : `http://${given}`;
}
