import type { Agent, OutgoingHttpHeaders } from "node:http";

/** What a request is sent with: who sends it, and over which connections. */
export interface Authorization {
  /** Credentials; secret. */
  readonly headers: OutgoingHttpHeaders;
  /** Keeps connections open between requests; its idle ones do not keep the process running. */
  readonly agent: Agent;
}

/** The way to one API server. */
export interface ApiConnection {
  /** Names the cluster in messages. */
  readonly label: string;
  /** What the user should know about the connection, one sentence each. */
  readonly warnings: readonly string[];
  /** Names who the requests are sent as, in messages, for example `AWS profile "prod"`. */
  readonly identity: string;
  /** What to do when the API server does not accept who we are; the end of a sentence. */
  readonly credentialsRemedy: string;
  /** What to do when there is no way to the API server; the end of a sentence. */
  readonly unreachableRemedy: string;

  /** The cluster's AWS account: see `ConfigMapStore.account`. */
  account(expected: string | undefined, signal: AbortSignal): Promise<string | undefined>;

  /** The API server's URL. It appears in messages, and never in a state. */
  endpoint(signal: AbortSignal): Promise<URL>;

  /**
   * Credentials for one request, cached for as long as they last.
   *
   * @param renew the API server refused the last ones
   */
  authorize(renew: boolean, signal: AbortSignal): Promise<Authorization>;
}
