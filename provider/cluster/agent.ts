import { once } from "node:events";
import { type Agent, type ClientRequestArgs, Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { connect, isIP, isIPv6, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { AwsAuthError, type AwsAuthErrorCode } from "../errors";
import { type Env, ProxyError, proxyFor, proxyVariable } from "./network";

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

/** A proxy as somebody wrote it. */
export interface NamedProxy {
  /** May contain a password. */
  readonly url: string;
  /** Where it is written, as the subject of a sentence. */
  readonly source: string;
  /** Of the error if it is not the URL of a proxy. */
  readonly code: AwsAuthErrorCode;
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
 * @param named the proxy to use; undefined: the one from the environment, if any
 * @throws AwsAuthError if the proxy's URL is not one.
 */
export function agentFor(url: URL, tls: TlsOptions, env: Env, named = proxyInEnv(url, env)): Agent {
  const isPlain = url.protocol === "http:";
  const agent = isPlain ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true, ...tls });
  if (named !== undefined) {
    const proxy = parseProxy(named);
    agent.createConnection = ({ host, port, connectSignal }: ClientRequestArgs & ConnectOptions, callback) => {
      const target = { host: host ?? "", port: Number(port) };
      const signal = connectSignal ?? AbortSignal.timeout(connectionTimeout);
      tunnel(proxy, target, signal)
        .then((socket) => (isPlain ? socket : secured(socket, target.host, tls)))
        // Beside an error, nobody looks at the socket.
        .then((socket) => callback?.(null, socket))
        .catch((error) => callback?.(error, new Socket()));
      return undefined;
    };
  }
  return agent;
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

interface Target {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

interface Proxy extends Target {
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
}

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

function proxyInEnv(url: URL, env: Env): NamedProxy | undefined {
  const proxy = proxyFor(url, env);
  return proxy === undefined
    ? undefined
    : { url: proxy, source: `the environment variable ${proxyVariable(url, env)}`, code: "clusterUnreachable" };
}

function parseProxy({ url, source, code }: NamedProxy): Proxy {
  try {
    const { protocol, hostname, port, username, password } = new URL(url);
    if (/^(?:https?|socks(?:4a?|5h?)?):$/.test(protocol) && hostname !== "") {
      return {
        protocol,
        host: hostname.replace(/^\[|\]$/g, ""),
        port: Number(port) || (defaultPorts[protocol] ?? 1080),
        username: decodeURIComponent(username),
        password: decodeURIComponent(password),
      };
    }
  } catch {
    // The error would show the password.
  }
  throw new AwsAuthError(
    code,
    `${source} is not the URL of a proxy, such as http://proxy.example:3128 (http, https or socks5); correct it`,
  );
}

/** Connects to a target through a proxy, unless the signal comes first. */
async function tunnel(proxy: Proxy, target: Target, signal: AbortSignal): Promise<Socket> {
  try {
    return await (proxy.protocol.startsWith("socks") ? socksTunnel : httpTunnel)(proxy, target, signal);
  } catch (error) {
    throw new ProxyError(`${proxy.host}:${proxy.port}`, signal.aborted ? signal.reason : error);
  }
}

function httpTunnel(proxy: Proxy, { host, port }: Target, signal: AbortSignal): Promise<Socket> {
  const { username, password } = proxy;
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  const path = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === "http:" ? httpRequest : httpsRequest)({
      method: "CONNECT",
      host: proxy.host,
      port: proxy.port,
      path,
      headers: {
        host: path,
        connection: "keep-alive",
        ...(username + password !== "" && { "proxy-authorization": `Basic ${basic}` }),
      },
      agent: false,
      signal,
      // The proxy has no part in what a kubeconfig says about its cluster.
      servername: nameOf(proxy.host),
      rejectUnauthorized: true,
    });
    request.on("connect", ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) {
        resolve(socket);
      } else {
        socket.destroy();
        reject(new Error(`it answers CONNECT with ${statusCode}`));
      }
    });
    request.on("error", reject);
    request.end();
  });
}

/** The proxy looks up the target's name, as with kubectl. */
async function socksTunnel(proxy: Proxy, destination: Target, signal: AbortSignal): Promise<Socket> {
  const { SocksClient } = await import("socks");
  signal.throwIfAborted();
  const socket = connect({ host: proxy.host, port: proxy.port, noDelay: true });
  const end = () => socket.destroy(signal.reason);
  signal.addEventListener("abort", end);
  try {
    await once(socket, "connect");
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
