import { claimsAnnotation, type MapChanges } from "../../document";
import { AwsAuthError } from "../../errors";
import type { Caller } from "../../mapping";
import { describeCause, isCertificateFault } from "../network/causes";
import type { ConfigMapStore, StoredConfigMap } from "../store";
import { answerFault, configMapIn, isTransientStatus, saysConfigMapMissing, type Verb } from "./answers";
import { Deadline, type Limits } from "./backoff";
import { readCaller } from "./caller";
import type { ApiConnection } from "./connection";
import { type ApiRequest, type ApiResponse, sendRequest, TransportError } from "./sendRequest";

/** How a request ended: with an answer to judge, or so that it may be repeated. */
type Outcome =
  | { readonly kind: "answer"; readonly response: ApiResponse; readonly fault: () => AwsAuthError }
  | {
      readonly kind: "transient";
      /** Whether the server may have acted upon the request. */
      readonly ambiguous: boolean;
      readonly retryAfter: number | undefined;
      readonly fault: () => AwsAuthError;
    };

/** What is sent, as often as it takes. */
interface Attempted {
  readonly verb: Verb;
  readonly path: string;
  readonly body?: string;
}

/** kube-system/aws-auth behind a Kubernetes API server. Requests are plain ones, since typed clients drop fields that they do not know. */
export class KubernetesStore implements ConfigMapStore {
  readonly #connection: ApiConnection;

  readonly #limits: Limits;

  #caller: Promise<Caller | undefined> | undefined;

  constructor(connection: ApiConnection, limits: Limits) {
    this.#connection = connection;
    this.#limits = limits;
  }

  get label(): string {
    return this.#connection.label;
  }

  get warnings(): readonly string[] {
    return this.#connection.warnings;
  }

  account(expected?: string): Promise<string | undefined> {
    return this.#connection.account(expected, new Deadline(this.#limits.read).signal());
  }

  async read(): Promise<StoredConfigMap> {
    const deadline = new Deadline(this.#limits.read, this.#limits.firstPause);
    for (let tries = 1; ; tries++) {
      const outcome = await this.#send(readRequest, deadline, this.#limits.readTry, tries > 1);
      if (outcome.kind === "answer") {
        if (saysConfigMapMissing(outcome.response)) {
          return { data: {}, version: undefined };
        }
        const stored = outcome.response.status === 200 ? configMapIn(outcome.response) : undefined;
        if (stored === undefined) {
          throw outcome.fault();
        }
        return stored;
      }
      if (!(await deadline.pause(tries, outcome.retryAfter))) {
        throw outcome.fault();
      }
    }
  }

  async write(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    const deadline = new Deadline(this.#limits.write, this.#limits.firstPause);
    const request = writeRequest(changes, base);
    // A lost answer needs no question: the same request again is either stored or meets its own version.
    let mayBeStored = false;
    for (let tries = 1; ; tries++) {
      const outcome = await this.#send(request, deadline, this.#limits.writeTry, tries > 1);
      if (outcome.kind === "transient") {
        mayBeStored ||= outcome.ambiguous;
        if (!(await deadline.pause(tries, outcome.retryAfter))) {
          throw mayBeStored ? unknownOutcome(outcome.fault()) : outcome.fault();
        }
        continue;
      }
      const { response } = outcome;
      const stored = response.status === 200 || response.status === 201 ? configMapIn(response) : undefined;
      if (stored !== undefined) {
        return stored;
      }
      if (response.status !== 409 && !(request.verb === "patch" && saysConfigMapMissing(response))) {
        throw mayBeStored ? unknownOutcome(outcome.fault()) : outcome.fault();
      }
      const current = mayBeStored ? await this.#readAfterLostAnswer() : undefined;
      if (current !== undefined && holds(current, changes)) {
        return current;
      }
      throw this.#conflict();
    }
  }

  caller(): Promise<Caller | undefined> {
    this.#caller ??= readCaller(this.#connection, this.#limits);
    return this.#caller;
  }

  async #readAfterLostAnswer(): Promise<StoredConfigMap> {
    try {
      return await this.read();
    } catch (error) {
      throw error instanceof AwsAuthError ? unknownOutcome(error) : error;
    }
  }

  /** One request, sent again once with new credentials if the server does not accept the old ones. */
  async #send(
    { verb, path, body }: Attempted,
    deadline: Deadline,
    tryLimit: number,
    isRepeated: boolean,
  ): Promise<Outcome> {
    const connection = this.#connection;
    const endpoint = await connection.endpoint(deadline.signal());
    const request: ApiRequest = {
      method: methods[verb],
      url: new URL(endpoint.pathname.replace(/\/+$/, "") + path, endpoint),
      ...(body === undefined ? {} : { body, contentType: contentTypes[verb] }),
    };
    const sendAs = async (renew: boolean) =>
      sendRequest(request, await connection.authorize(renew, deadline.signal()), deadline.signal(tryLimit));
    try {
      const first = await sendAs(false);
      const response = first.status === 401 ? await sendAs(true) : first;
      const fault = () => answerFault(connection, endpoint, verb, response);
      const cutOff = response.status < 300 && configMapIn(response) === undefined;
      // A server that has just come back refuses everybody until it has read its roles.
      const mayBeStarting = isRepeated && response.status === 403;
      if (!isTransientStatus(response.status) && !mayBeStarting && !cutOff) {
        return { kind: "answer", response, fault };
      }
      // Refused for now is not done; after any other failure of the server a write may be stored all the same.
      const ambiguous = response.status !== 429 && response.status !== 403;
      return { kind: "transient", ambiguous, retryAfter: response.retryAfter, fault };
    } catch (error) {
      if (!(error instanceof TransportError)) {
        throw error;
      }
      const fault = () => unreachable(connection, endpoint, error.cause, deadline);
      if (isCertificateFault(error.cause)) {
        throw fault();
      }
      return { kind: "transient", ambiguous: error.sent, retryAfter: undefined, fault };
    }
  }

  #conflict(): AwsAuthError {
    return new AwsAuthError(
      "conflict",
      `${this.label}: kube-system/aws-auth was changed by somebody else between the read and the write; run again`,
    );
  }
}

const methods = { get: "GET", create: "POST", patch: "PATCH" } as const satisfies Record<Verb, ApiRequest["method"]>;

const contentTypes = {
  get: "application/json",
  create: "application/json",
  patch: "application/merge-patch+json",
} as const satisfies Record<Verb, ApiRequest["contentType"]>;

const collectionPath = "/api/v1/namespaces/kube-system/configmaps";
const configMapPath = `${collectionPath}/aws-auth`;

/** Names us in the ConfigMap's managedFields. */
const fieldManager = "?fieldManager=pulumi-aws-auth";

const readRequest: Attempted = { verb: "get", path: configMapPath };

function writeRequest({ data, claims }: MapChanges, base: StoredConfigMap): Attempted {
  const annotations = claims === undefined ? {} : { annotations: { [claimsAnnotation]: claims } };
  if (base.version === undefined) {
    const metadata = { name: "aws-auth", namespace: "kube-system", ...(claims === null ? {} : annotations) };
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    return { verb: "create", path: collectionPath + fieldManager, body: JSON.stringify(body) };
  }
  const body = { metadata: { resourceVersion: base.version, ...annotations }, data };
  return { verb: "patch", path: configMapPath + fieldManager, body: JSON.stringify(body) };
}

function holds(stored: StoredConfigMap, { data, claims }: MapChanges): boolean {
  const isRecorded = claims === undefined || (claims ?? undefined) === stored.claims;
  return isRecorded && Object.entries(data).every(([key, value]) => stored.data[key] === value);
}

function unreachable(connection: ApiConnection, endpoint: URL, cause: unknown, deadline: Deadline): AwsAuthError {
  const { label, identity, unreachableRemedy } = connection;
  const limit = deadline.left === 0 ? ` within ${deadline.limit / 1000} s` : "";
  return new AwsAuthError(
    "clusterUnreachable",
    `${label} cannot be reached${limit} at ${endpoint.origin} with ${identity}: ${describeCause(cause)}; ${unreachableRemedy}`,
    { cause },
  );
}

function unknownOutcome(fault: AwsAuthError): AwsAuthError {
  return new AwsAuthError(fault.code, `${fault.message}; whether the write was stored is not known, so run again`, {
    cause: fault.cause,
  });
}
