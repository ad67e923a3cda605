import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { proxyFor } from "./proxy";

/** How a server proves who it is, and who we are if a certificate says that. */
export interface TlsOptions {
  /** PEM certificates to trust in the place of Node's own. */
  readonly ca?: string | Buffer;
  /** PEM certificate and key of the client. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Name that the server's certificate has to bear, where it is not the host's. */
  readonly servername?: string;
  /** Whether the server's certificate is verified; said always, so that no environment variable switches it off. */
  readonly rejectUnauthorized: boolean;
}

/**
 * Connections to one server that stay open between requests. Node unreferences them while they are idle, so they do not keep the
 * process running.
 *
 * @param proxyUrl the proxy to go through; undefined: the one that the environment names, if any
 */
export async function agentFor(
  url: URL,
  tls: TlsOptions,
  proxyUrl: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<HttpAgent> {
  const proxy = proxyUrl ?? proxyFor(url, env);
  const options = { keepAlive: true, ...tls };
  if (proxy?.startsWith("socks")) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    return new SocksProxyAgent(proxy, options);
  }
  if (proxy !== undefined) {
    const { HttpProxyAgent, HttpsProxyAgent } = await import("hpagent");
    return url.protocol === "http:"
      ? new HttpProxyAgent({ keepAlive: true, proxy })
      : new HttpsProxyAgent({ ...options, proxy });
  }
  return url.protocol === "http:" ? new HttpAgent({ keepAlive: true }) : new HttpsAgent(options);
}
