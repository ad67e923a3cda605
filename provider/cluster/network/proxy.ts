import { BlockList, isIP } from "node:net";

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
