import { once } from "node:events";
import {
  type Agent,
  type ClientRequestArgs,
  Agent as HttpAgent,
  request as httpRequest,
  type OutgoingHttpHeaders,
} from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { connect, isIP, isIPv6, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { AwsAuthError } from "../errors";
import {
  type Env,
  type HostAndPort,
  ProxyError,
  type ProxyServer,
  parseProxy,
  proxyFor,
  proxyVariable,
} from "./network";

/** TLS settings for verifying the server and for a client certificate. */
export interface TlsOptions {
  /** PEM certificates to trust instead of Node's own. */
  readonly ca?: string | Buffer;
  /** PEM certificate and key of the client. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** The name that the server's certificate must have, if it is not the host. */
  readonly servername?: string;
  /** Whether to verify the server's certificate. Required, so that no environment variable can disable it. */
  readonly rejectUnauthorized: boolean;
}

/** What a request may tell its agent. Node passes on the options that it does not know, but no `signal`. */
export interface ConnectOptions {
  /** Ends the way through a proxy, until the connection is there. Default: after `connectionTimeout`. */
  readonly connectSignal?: AbortSignal;
}

/** How long connecting to AWS may take, in milliseconds. */
export const connectionTimeout = 5_000;

/**
 * An agent that keeps connections to one server open between requests. Idle connections do not keep the process running, since Node
 * unreferences them.
 *
 * @param proxy the proxy to use; undefined: the one from the environment, if any
 * @throws AwsAuthError if the environment names what is not the URL of a proxy.
 */
export function agentFor(url: URL, tls: TlsOptions, env: Env, proxy = proxyInEnv(url, env)): Agent {
  const isPlain = url.protocol === "http:";
  if (proxy === undefined) {
    return isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true, ...tls });
  }
  const isSocks = proxy.protocol.startsWith("socks");
  const agent = !isPlain
    ? new HttpsAgent({ keepAlive: true, ...tls })
    : isSocks
      ? new HttpAgent({ keepAlive: true })
      : new ForwardingAgent(proxy);
  const open = isSocks ? socksTunnel : isPlain ? openProxy : httpTunnel;
  agent.createConnection = ({ host, port, connectSignal }: ClientRequestArgs & ConnectOptions, callback) => {
    const target = { host: host ?? "", port: Number(port) };
    const signal = connectSignal ?? AbortSignal.timeout(connectionTimeout);
    open(proxy, signal, target)
      .catch((error) => {
        throw new ProxyError(`${proxy.host}:${proxy.port}`, signal.aborted ? signal.reason : error);
      })
      .then((socket) => (isPlain ? socket : secured(socket, target.host, tls)))
      // Beside an error, nobody looks at the socket.
      .then((socket) => callback?.(null, socket))
      .catch((error) => callback?.(error, new Socket()));
    return undefined;
  };
  return agent;
}

/**
 * The same for all the hosts of AWS, each through the proxy that the environment has for it, if any: credentials come from other hosts than
 * the one that gets them.
 */
export function agentForHosts(tls: TlsOptions, env: Env): Agent {
  const agent = new HttpsAgent({ keepAlive: true, ...tls });
  agent.createConnection = (options, callback) =>
    agentFor(new URL(`https://${authorityOf(options.host ?? "", options.port)}`), tls, env).createConnection(
      options,
      callback,
    );
  return agent;
}

function authorityOf(host: string, port: number | string | null | undefined): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** An agent for requests without TLS, which an http or https proxy gets with their whole URL, as in Go: it opens no tunnel for them. */
export class ForwardingAgent extends HttpAgent {
  readonly #proxy: ProxyServer;

  constructor(proxy: ProxyServer) {
    super({ keepAlive: true });
    this.#proxy = proxy;
  }

  /** What a request has in place of its path. */
  pathOf({ origin, pathname, search }: URL): string {
    return origin + pathname + search;
  }

  /** What a request has besides its own headers. */
  get headers(): OutgoingHttpHeaders {
    return proxyHeaders(this.#proxy);
  }
}

function secured(socket: Socket, host: string, tls: TlsOptions): Socket {
  try {
    return connectTls({ servername: nameOf(host), ALPNProtocols: ["http/1.1"], ...tls, host, socket });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** The name to ask for in TLS; an address is not one. */
function nameOf(host: string): string {
  return isIP(host) === 0 ? host : "";
}

function proxyInEnv(url: URL, env: Env): ProxyServer | undefined {
  const given = proxyFor(url, env);
  const proxy = given === undefined ? undefined : parseProxy(given, proxySchemes);
  if (given !== undefined && proxy === undefined) {
    throw new AwsAuthError(
      "clusterUnreachable",
      `the environment variable ${proxyVariable(url, env)} is not the URL of a proxy, such as http://proxy.example:3128 (http, https or socks5); correct it`,
    );
  }
  return proxy;
}

const proxySchemes = ["http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h"];

/** Connects to a proxy, unless the signal comes first. What a kubeconfig says about its cluster is no part of it. */
async function openProxy({ protocol, host, port }: ProxyServer, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const isTls = protocol === "https:";
  const socket = isTls
    ? connectTls({ host, port, servername: nameOf(host), rejectUnauthorized: true })
    : connect({ host, port, noDelay: true });
  try {
    await once(socket, isTls ? "secureConnect" : "connect", { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function httpTunnel(proxy: ProxyServer, signal: AbortSignal, { host, port }: HostAndPort): Promise<Socket> {
  const connection = await openProxy(proxy, signal);
  const path = authorityOf(host, port);
  const headers = { host: path, connection: "keep-alive", ...proxyHeaders(proxy) };
  const request = httpRequest({ method: "CONNECT", path, headers, signal, createConnection: () => connection });
  request.end();
  const [{ statusCode }, socket] = await once(request, "connect");
  if (statusCode !== 200) {
    socket.destroy();
    throw new Error(`it answers CONNECT with ${statusCode}`);
  }
  return socket;
}

function proxyHeaders({ username, password }: ProxyServer): OutgoingHttpHeaders {
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  return username + password === "" ? {} : { "proxy-authorization": `Basic ${basic}` };
}

/** The proxy looks up the target's name, as with kubectl. */
async function socksTunnel(proxy: ProxyServer, signal: AbortSignal, destination: HostAndPort): Promise<Socket> {
  const { SocksClient } = await import("socks");
  const socket = await openProxy(proxy, signal);
  const end = () => socket.destroy(signal.reason);
  signal.addEventListener("abort", end);
  try {
    await SocksClient.createConnection({
      command: "connect",
      proxy: {
        host: proxy.host,
        port: proxy.port,
        type: proxy.protocol.startsWith("socks4") ? 4 : 5,
        userId: proxy.username,
        password: proxy.password,
      },
      destination: { ...destination },
      existing_socket: socket,
    });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}
