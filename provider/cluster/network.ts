import { BlockList, isIP } from "node:net";
import { errorCode, redact } from "../text/text";

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL according to HTTPS_PROXY, HTTP_PROXY and NO_PROXY (in upper or lower case). Follows the rules of Go's
 * net/http, as kubectl and eksctl do: never a proxy for localhost.
 */
export function proxyFor(url: URL, env: Env): string | undefined {
  const host = hostOf(url).toLowerCase();
  const proxy = env[proxyVariable(url, env)];
  if (!proxy || isThisMachine(host) || isExempt(host, portOf(url), env[either(env, "NO_PROXY")] ?? "")) {
    return undefined;
  }
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** The name of the variable that `proxyFor` reads the proxy from. */
export function proxyVariable(url: URL, env: Env): string {
  return either(env, url.protocol === "http:" ? "HTTP_PROXY" : "HTTPS_PROXY");
}

/** The name in the case in which the variable is set. */
function either(env: Env, name: string): string {
  return env[name] ? name : name.toLowerCase();
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
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

/** A NO_PROXY rule is `*`, an IP address, a CIDR range, or a domain including its subdomains; each with an optional port. */
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

export interface HostAndPort {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface ProxyServer extends HostAndPort {
  /** With its colon. */
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Reads the URL of a proxy.
 *
 * @param schemes what it may be, without a colon.
 * @returns undefined for anything else. An error would show the password.
 */
export function parseProxy(text: string, schemes: readonly string[]): ProxyServer | undefined {
  const [, scheme = ""] = /^([a-z0-9]+):\/\/[^/]/i.exec(text) ?? [];
  if (!schemes.includes(scheme.toLowerCase()) || !URL.canParse(text)) {
    return undefined;
  }
  const url = new URL(text);
  const { protocol } = url;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  return username === undefined || password === undefined
    ? undefined
    : { protocol, host: hostOf(url), port: Number(url.port) || (defaultPorts[protocol] ?? 1080), username, password };
}

/** A part of a URL without its escapes; undefined if they are not valid. */
export function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** A proxy without a connection to the server behind it. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  /** The cause's, if it has one. */
  readonly code: string | undefined;

  /**
   * Does not keep the cause, since that may have the proxy's password.
   *
   * @param proxy its host and port.
   */
  constructor(proxy: string, cause: unknown) {
    super(`the proxy ${proxy} gives no connection: ${describeCause(cause)}`);
    this.code = errorCode(cause);
  }
}

/** Describes why there was no response. Keeps the error code, since people search for it. */
export function describeCause(error: unknown): string {
  const code = errorCode(error);
  if (error instanceof ProxyError) {
    return error.message;
  }
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return "no response in time";
  }
  if (isCertificateProblem(error)) {
    return `TLS certificate not trusted (${code})`;
  }
  const words = code === undefined ? undefined : causes[code];
  if (words !== undefined) {
    return `${words} (${code})`;
  }
  // An AggregateError, for a host with several addresses, has no message.
  const text = error instanceof Error ? redact(error.message) : "";
  return code === undefined || text.includes(code) ? text || "unknown cause" : `${text} (${code})`;
}

/** Whether the server was reached but its certificate is not valid, so that a retry cannot help. */
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
