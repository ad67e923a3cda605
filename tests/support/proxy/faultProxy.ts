import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request, type Server } from "node:https";
import { setTimeout } from "node:timers/promises";
import type { TestCluster } from "../cluster/startCluster.ts";
import { type Arrival, type Fault, type FaultPlan, refusals } from "./fault.ts";

/** A request that the proxy received. */
export interface SeenRequest extends Arrival {
  /** Time of arrival in milliseconds, on the clock of `performance.now()`. */
  readonly at: number;
  /** The fault; undefined: it passed. */
  readonly fault: Fault["kind"] | undefined;
  /** Status of the API server's response; undefined if it has not responded. */
  status: number | undefined;
}

/** A complete response of the API server. */
interface Forwarded {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * A proxy between a client and a real API server that applies a fault plan to each request. It uses the API server's own certificate, so
 * that only the port in a kubeconfig changes.
 */
export class FaultProxy {
  /** In the order of arrival. */
  readonly requests: SeenRequest[] = [];
  /** May be set at any time; by default all requests pass. */
  plan: FaultPlan = () => undefined;
  readonly #cluster: TestCluster;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #inProgress = new Set<Promise<void>>();

  private constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    const { cert, key } = cluster.certificate;
    this.#agent = new Agent({ ca: cert, keepAlive: true });
    // Node's own servers close idle connections after five seconds, API servers after minutes.
    this.#server = createServer({ cert, key, keepAliveTimeout: 120_000 }, (incoming, response) => {
      const served = this.#serve(incoming, response).finally(() => this.#inProgress.delete(served));
      this.#inProgress.add(served);
    });
  }

  /** Listens on a free port. */
  static async start(cluster: TestCluster): Promise<FaultProxy> {
    const proxy = new FaultProxy(cluster);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** Replaces the API server's URL. */
  get url(): string {
    const address = this.#server.address();
    return `https://127.0.0.1:${typeof address === "object" ? address?.port : undefined}`;
  }

  /** The text of a kubeconfig that connects through the proxy; default the admin's. */
  kubeconfig(user?: string): string {
    return this.#cluster.kubeconfig(user).replace(this.#cluster.server, this.url);
  }

  /** Clears the requests and sets a new plan. */
  reset(plan: FaultPlan = () => undefined): void {
    this.requests.length = 0;
    this.plan = plan;
  }

  /** The number of requests with a fault. */
  get faults(): number {
    return this.requests.filter(({ fault }) => fault !== undefined).length;
  }

  /** Resolves when no request is in progress, including those that the client has aborted. */
  async settled(): Promise<void> {
    while (this.#inProgress.size > 0) {
      await Promise.all(this.#inProgress);
    }
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrival = { method: incoming.method ?? "", path: incoming.url ?? "" };
    const fault = this.plan(arrival);
    const seen: SeenRequest = { ...arrival, at: performance.now(), fault: fault?.kind, status: undefined };
    this.requests.push(seen);
    try {
      const body = await readAll(incoming);
      const forward = async () => {
        const forwarded = await this.#forward(incoming, body);
        seen.status = forwarded.status;
        return forwarded;
      };
      await applyFault(fault, forward, response);
    } catch {
      // One of the two sides has closed the connection, so close the other one.
      response.destroy();
    }
  }

  #forward(incoming: IncomingMessage, body: Buffer): Promise<Forwarded> {
    const url = new URL(incoming.url ?? "", this.#cluster.server);
    const { connection: _ours, ...headers } = incoming.headers;
    const options = { agent: this.#agent, method: incoming.method, headers: { ...headers, host: url.host } };
    return new Promise((resolve, reject) => {
      const outgoing = request(url, options, (forwarded) => {
        const { statusCode: status = 0, headers } = forwarded;
        readAll(forwarded).then((body) => resolve({ status, headers: withLength(headers, body), body }), reject);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

async function applyFault(
  fault: Fault | undefined,
  forward: () => Promise<Forwarded>,
  response: ServerResponse,
): Promise<void> {
  if (fault === undefined) {
    return reply(response, await forward());
  }
  if (fault.kind === "delay" || fault.kind === "cutBefore" || fault.kind === "respond") {
    await fault.meanwhile?.();
    switch (fault.kind) {
      case "delay":
        await setTimeout(fault.milliseconds);
        return reply(response, await forward());
      case "cutBefore":
        return void response.destroy();
      case "respond":
        return reply(response, refusal(fault.status, fault.retryAfter));
    }
  }
  const forwarded = await forward();
  await fault.meanwhile?.();
  const half = forwarded.body.subarray(0, forwarded.body.length / 2);
  switch (fault.kind) {
    case "cutAfter":
      return void response.destroy();
    case "respondAfter":
      return reply(response, refusal(fault.status, fault.retryAfter));
    case "truncate":
      response.writeHead(forwarded.status, forwarded.headers);
      return void response.write(half, () => response.destroy());
    case "shorten":
      return reply(response, { ...forwarded, headers: withLength(forwarded.headers, half), body: half });
  }
}

function refusal(status: keyof typeof refusals, retryAfter: number | undefined): Forwarded {
  const [reason, message] = refusals[status];
  const text = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", code: status, reason, message };
  const body = Buffer.from(JSON.stringify(text));
  const wait = retryAfter === undefined ? {} : { "retry-after": `${retryAfter}` };
  return { status, headers: withLength({ "content-type": "application/json", ...wait }, body), body };
}

function reply(response: ServerResponse, { status, headers, body }: Forwarded): void {
  response.writeHead(status, headers);
  response.end(body);
}

/** The proxy sends the whole body at once, without transfer encoding. */
function withLength(headers: IncomingHttpHeaders, body: Buffer): IncomingHttpHeaders {
  const { "transfer-encoding": _chunked, connection: _theirs, ...rest } = headers;
  return { ...rest, "content-length": `${body.length}` };
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
