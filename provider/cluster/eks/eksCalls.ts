import type { EKS } from "@aws-sdk/client-eks";
import { Slots } from "../../async/concurrency";
import type { Patience } from "../../async/waiting";
import { type AwsStep, isNotFound, partOf } from "./awsErrors";
import type { EksConnection } from "./eksConnection";

/** The limits of the calls of one cluster. */
export interface CallLimits {
  /** How many calls are in progress at once. EKS limits their rate for a whole account and region. */
  readonly atOnce: number;
  /** How often a call that AWS throttles is sent, with pauses that grow to 20 seconds (the SDK's standard retries). */
  readonly attempts: number;
  /** How long one call may take with its retries, in milliseconds. */
  readonly time: number;
  /** How long EKS may not know an access entry, or a role, that was made a moment ago. */
  readonly unseen: Patience;
}

/** Tests have shorter limits. */
export const callLimits: CallLimits = {
  atOnce: 8,
  attempts: 8,
  time: 90_000,
  // An administrator waits for the access policy meanwhile.
  unseen: { total: 60_000, first: 200, most: 1_000 },
};

interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** Calls the EKS API. */
export type Send<T> = (eks: EKS, options: CallOptions) => Promise<T>;

/** A page of a list; the first one has no token. */
interface PageInput {
  readonly maxResults: number;
  readonly nextToken: string | undefined;
}

/** The most that the lists of EKS return at once. */
const pageSize = 100;

/** What a call answers; undefined if what it names does not exist. */
export function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  });
}

/** The calls for one EKS cluster: side by side within a bound, and repeated within a limit if AWS throttles them. */
export class EksCalls {
  readonly limits: CallLimits;
  readonly #connection: EksConnection;
  readonly #slots: Slots;
  #client: Promise<EKS> | undefined;

  constructor(connection: EksConnection, limits: CallLimits) {
    this.#connection = connection;
    this.limits = limits;
    this.#slots = new Slots(limits.atOnce);
  }

  /**
   * Sends a call of EKS.
   *
   * @param action without its service, for messages: `CreateAccessEntry`.
   * @throws AwsAuthError `clusterNotFound` if what it names does not exist, and others.
   */
  async send<T>(action: string, send: Send<T>): Promise<T> {
    const client = await this.#patientClient();
    return this.run(`eks:${action}`, async (abortSignal) => {
      await this.#connection.assertAccount(abortSignal);
      return send(client, { abortSignal });
    });
  }

  /** The same; undefined if what it names does not exist. */
  find<T>(action: string, send: Send<T>): Promise<T | undefined> {
    return ifFound(this.send(action, send));
  }

  /** The same for all pages of a list. */
  async list<Page extends { readonly nextToken?: string | undefined }, Item>(
    action: string,
    send: (eks: EKS, page: PageInput, options: CallOptions) => Promise<Page>,
    itemsOf: (page: Page) => readonly Item[] | undefined,
  ): Promise<Item[]> {
    const found: Item[] = [];
    let nextToken: string | undefined;
    do {
      const page = { maxResults: pageSize, nextToken };
      const { items, next } = await this.send(action, async (eks, options) => {
        const received = await send(eks, page, options);
        return { items: partOf(itemsOf(received)), next: received.nextToken };
      });
      found.push(...items);
      nextToken = next;
      // As the SDK's own paginators do.
    } while (nextToken !== undefined && nextToken !== "");
    return found;
  }

  /** Runs a call of any AWS service within the bound. */
  run<T>(step: AwsStep, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#slots.run(() => this.#connection.ask(step, AbortSignal.timeout(this.limits.time), call));
  }

  /** The connection's client with more retries, since calls for many entries are throttled sooner than a single one. */
  #patientClient(): Promise<EKS> {
    this.#client ??= this.#connection.client().then(async ({ config }) => {
      const { EKS } = await import("@aws-sdk/client-eks");
      const { region, credentials, requestHandler, endpoint, ignoreConfiguredEndpointUrls } = config;
      const where = { region, ignoreConfiguredEndpointUrls, ...(endpoint !== undefined && { endpoint }) };
      return new EKS({ ...where, credentials, requestHandler, maxAttempts: this.limits.attempts });
    });
    return this.#client;
  }
}
