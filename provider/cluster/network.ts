import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { BlockList, isIP } from "node:net";
import { errorCode, redact } from "../text";

/** The environment, as far as it names proxies. */
type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a URL (HTTPS_PROXY, HTTP_PROXY, NO_PROXY, in either case), by the rules of Go's
 * net/http, which kubectl and eksctl follow: never for this machine itself.
 */
export function proxyFor(url: URL, env: Env): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const proxy = url.protocol === "http:" ? either(env, "HTTP_PROXY") : either(env, "HTTPS_PROXY");
  if (proxy === undefined || isThisMachine(host) || isExempt(host, portOf(url), either(env, "NO_PROXY") ?? "")) {
    return undefined;
  }
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function either(env: Env, name: string): string | undefined {
  return env[name] || env[name.toLowerCase()] || undefined;
}

function portOf(url: URL): string {
  return url.port || (url.protocol === "http:" ? "80" : "443");
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function isExempt(host: string, port: string, noProxy: string): boolean {
  return noProxy
    .split(",")
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => rule !== "" && matches(host, port, rule));
}

/** A rule is `*`, an address, a range of addresses, or a domain that stands for its subdomains too; with a port or without. */
function matches(host: string, port: string, rule: string): boolean {
  if (rule === "*") {
    return true;
  }
  const [range, prefix] = rule.split("/");
  if (range !== undefined && prefix !== undefined) {
    return isInRange(host, range, Number(prefix));
  }
  const [, name = rule, rulePort] = /^(.*[^:]):(\d+)$/.exec(rule) ?? [];
  if (rulePort !== undefined && rulePort !== port) {
    return false;
  }
  const domain = name.replace(/^\*?\./, "");
  return host.endsWith(`.${domain}`) || (host === domain && !name.startsWith("."));
}

function isInRange(host: string, range: string, prefix: number): boolean {
  const family = isIP(range) === 6 ? "ipv6" : "ipv4";
  const longest = family === "ipv6" ? 128 : 32;
  if (isIP(host) === 0 || isIP(range) === 0 || !(prefix >= 0 && prefix <= longest)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(range, prefix, family);
  return list.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
}

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

/** Why there was no response, in words; the code stays, since it is what people search for. */
export function describeCause(error: unknown): string {
  const code = errorCode(error);
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return "no response in time";
  }
  if (isCertificateProblem(error)) {
    return `its certificate is not accepted (${code})`;
  }
  const words = code === undefined ? undefined : causes[code];
  if (words !== undefined) {
    return `${words} (${code})`;
  }
  // An AggregateError, of a host with several addresses, has no message of its own.
  const text = error instanceof Error ? redact(error.message) : "";
  return code === undefined || text.includes(code) ? text || "unknown cause" : `${text} (${code})`;
}

/** Whether the server was reached but could not prove who it is; trying again does not help. */
export function isCertificateProblem(error: unknown): boolean {
  const code = errorCode(error) ?? "";
  return certificateCodes.has(code) || code.startsWith("ERR_TLS_CERT") || code.startsWith("CERT_");
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed by the other side",
  EPIPE: "connection closed by the other side",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "the name server does not respond",
  ETIMEDOUT: "no response in time",
  EPROTO: "no TLS connection",
};

// https://nodejs.org/api/tls.html#x509-certificate-error-codes
const certificateCodes = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CRL_SIGNATURE_FAILURE",
  "CRL_NOT_YET_VALID",
  "CRL_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "INVALID_CA",
  "PATH_LENGTH_EXCEEDED",
  "INVALID_PURPOSE",
  "HOSTNAME_MISMATCH",
]);
