import type { MapChanges } from "../../awsAuthMap";
import { claimsAnnotation } from "../../claims";
import { AwsAuthError, ignoreUserErrors, UnknownOutcomeError } from "../../errors";
import type { Caller } from "../../mapping";
import { leadsToEks } from "../eks/eksEndpoint";
import { describeCause, isCertificateProblem } from "../network";
import {
  type ApiConnection,
  type ApiRequest,
  type ApiResponse,
  askServer,
  Deadline,
  defaultLimits,
  type Limits,
  TransportError,
} from "../request";
import { type ConfigMapStore, holds, type StoredConfigMap } from "../store";
import { readCaller } from "./access";
import {
  configMapIn,
  isTransientStatus,
  refusedWriteError,
  responseError,
  saysConfigMapMissing,
  type Verb,
} from "./responses";

/** The outcome of a request: a response to evaluate, or a failure that allows a retry. */
type Outcome =
  | {
      readonly isFinal: true;
      readonly response: ApiResponse;
      /** The ConfigMap in the response, if there is one. */
      readonly configMap: StoredConfigMap | undefined;
      readonly failure: () => AwsAuthError;
    }
  | {
      readonly isFinal: false;
      /** Whether the server may have executed the request. */
      readonly ambiguous: boolean;
      readonly retryAfter: number | undefined;
      readonly failure: () => AwsAuthError;
    };

/** A request that may be sent several times. */
interface Attempted {
  readonly verb: Verb;
  readonly path: string;
  readonly body?: string;
  /**
   * A dry run: the server validates it and stores nothing. Only the status counts, since the object in the response to a create has
   * no version.
   */
  readonly isDryRun?: boolean;
}

/** kube-system/aws-auth on a Kubernetes API server. Sends plain HTTP requests, since typed clients drop unknown fields. */
export class KubernetesStore implements ConfigMapStore {
  readonly label: string;
  readonly warnings: readonly string[];
  readonly #connection: ApiConnection;
  readonly #limits: Limits;
  #caller: Promise<Caller | undefined> | undefined;

  constructor(connection: ApiConnection, limits: Limits = defaultLimits) {
    this.label = connection.label;
    this.warnings = connection.warnings;
    this.#connection = connection;
    this.#limits = limits;
  }

  account(expected?: string): Promise<string | undefined> {
    return this.#connection.account(expected, new Deadline(this.#limits.read).signal());
  }

  async read(): Promise<StoredConfigMap> {
    const deadline = new Deadline(this.#limits.read, this.#limits.firstPause);
    const outcome = await deadline.retry((isRepeated) =>
      this.#send(readRequest, deadline, this.#limits.readTry, isRepeated),
    );
    if (outcome.isFinal && saysConfigMapMissing(outcome.response)) {
      return { data: {}, version: undefined };
    }
    if (!outcome.isFinal || outcome.configMap === undefined) {
      throw outcome.failure();
    }
    return outcome.configMap;
  }

  async write(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    const deadline = new Deadline(this.#limits.write, this.#limits.firstPause);
    const request = writeRequest(changes, base);
    // After a lost response, repeating the request needs no read first: it is either stored, or conflicts with its own earlier
    // write.
    let mayBeStored = false;
    const outcome = await deadline
      .retry(async (isRepeated) => {
        const sent = await this.#send(request, deadline, this.#limits.writeTry, isRepeated);
        mayBeStored ||= !sent.isFinal && sent.ambiguous;
        return sent;
      })
      .catch((error: unknown) => {
        // New credentials may fail, or a certificate, after a lost response.
        throw mayBeStored && error instanceof AwsAuthError ? new UnknownOutcomeError(error) : error;
      });
    if (!outcome.isFinal) {
      throw mayBeStored ? new UnknownOutcomeError(outcome.failure()) : outcome.failure();
    }
    const { response, configMap } = outcome;
    if (configMap !== undefined) {
      return configMap;
    }
    if (response.status !== 409 && !(request.verb === "patch" && saysConfigMapMissing(response))) {
      const failure = outcome.failure();
      const refusal = { failure, response, verb: request.verb, changes, base };
      throw mayBeStored
        ? new UnknownOutcomeError(failure)
        : await refusedWriteError(this.#connection, refusal, (other) => this.#wouldStore(other, base));
    }
    if (!mayBeStored) {
      throw this.#conflict();
    }
    const current = await this.#readAfterLostResponse();
    if (!holds(current, changes)) {
      throw new UnknownOutcomeError(this.#conflict());
    }
    return current;
  }

  caller(): Promise<Caller | undefined> {
    this.#caller ??= readCaller(this.#connection, this.#limits);
    return this.#caller;
  }

  leadsToEks(): Promise<boolean> {
    return leadsToEks(this.#connection);
  }

  async #readAfterLostResponse(): Promise<StoredConfigMap> {
    try {
      return await this.read();
    } catch (error) {
      throw error instanceof AwsAuthError ? new UnknownOutcomeError(error) : error;
    }
  }

  /** Whether a write would be accepted, found with a dry run; false if that fails. */
  async #wouldStore(changes: MapChanges, base: StoredConfigMap): Promise<boolean> {
    const deadline = new Deadline(this.#limits.writeTry, this.#limits.firstPause);
    const request = writeRequest(changes, base, true);
    const outcome = await ignoreUserErrors(() =>
      deadline.retry(() => this.#send(request, deadline, this.#limits.writeTry, false)),
    );
    return outcome?.isFinal === true && outcome.response.status < 300;
  }

  /** Sends a request once, and evaluates the response. */
  async #send(
    { verb, path, body, isDryRun }: Attempted,
    deadline: Deadline,
    tryLimit: number,
    isRepeated: boolean,
  ): Promise<Outcome> {
    const connection = this.#connection;
    await connection.assertMapCounts(deadline.signal());
    const endpoint = await connection.endpoint(deadline.signal());
    const request = { ...methods[verb], path, ...(body !== undefined && { body }) };
    try {
      const response = await askServer(connection, request, deadline, tryLimit);
      const failure = () => responseError(connection, endpoint, verb, response);
      const isGranted = isDryRun !== true && response.status < 300;
      const configMap = isGranted ? configMapIn(response) : undefined;
      const cutOff = isGranted && configMap === undefined;
      // A server that has just restarted refuses everybody until it has loaded its roles.
      const mayBeStarting = isRepeated && response.status === 403;
      if (!isTransientStatus(response.status) && !mayBeStarting && !cutOff) {
        return { isFinal: true, response, configMap, failure };
      }
      // A throttled or forbidden write was not stored. After any other server failure it may have been.
      const ambiguous = response.status !== 429 && response.status !== 403;
      return { isFinal: false, ambiguous, retryAfter: response.retryAfter, failure };
    } catch (error) {
      if (!(error instanceof TransportError)) {
        throw error;
      }
      const failure = () => unreachable(connection, endpoint, error.cause, deadline);
      if (isCertificateProblem(error.cause)) {
        throw failure();
      }
      return { isFinal: false, ambiguous: error.sent, retryAfter: undefined, failure };
    }
  }

  #conflict(): AwsAuthError {
    return new AwsAuthError(
      "conflict",
      `${this.label}: kube-system/aws-auth was changed by somebody else between the read and the write; run again`,
    );
  }
}

const methods = {
  get: { method: "GET" },
  create: { method: "POST", contentType: "application/json" },
  patch: { method: "PATCH", contentType: "application/merge-patch+json" },
} as const satisfies Record<Verb, Pick<ApiRequest, "method" | "contentType">>;

const collectionPath = "/api/v1/namespaces/kube-system/configmaps";
const configMapPath = `${collectionPath}/aws-auth`;

/** Our name in the ConfigMap's managedFields. */
const fieldManager = "?fieldManager=pulumi-aws-auth";

const readRequest: Attempted = { verb: "get", path: configMapPath };

/** @param isDryRun makes it a dry run on the current version, whatever that is. */
function writeRequest({ data, claims }: MapChanges, { version }: StoredConfigMap, isDryRun = false): Attempted {
  const query = isDryRun ? `${fieldManager}&dryRun=All` : fieldManager;
  const annotations = claims === undefined ? {} : { annotations: { [claimsAnnotation]: claims } };
  if (version === undefined) {
    const metadata = { name: "aws-auth", namespace: "kube-system", ...(claims === null ? {} : annotations) };
    const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
    return { verb: "create", path: collectionPath + query, body, isDryRun };
  }
  const metadata = { ...(isDryRun ? {} : { resourceVersion: version }), ...annotations };
  return { verb: "patch", path: configMapPath + query, body: JSON.stringify({ metadata, data }), isDryRun };
}

function unreachable(connection: ApiConnection, endpoint: URL, cause: unknown, deadline: Deadline): AwsAuthError {
  const { label, identity, unreachableRemedy } = connection;
  if (isCertificateProblem(cause)) {
    return new AwsAuthError(
      "certificateNotTrusted",
      `${label} at ${endpoint.origin}: ${describeCause(cause)}; check certificate-authority, and whether a proxy intercepts TLS`,
      { cause },
    );
  }
  const limit = deadline.left === 0 ? ` within ${deadline.limit / 1000} s` : "";
  return new AwsAuthError(
    "clusterUnreachable",
    `${label} cannot be reached${limit} at ${endpoint.origin} with ${identity}: ${describeCause(cause)}; ${unreachableRemedy}`,
    { cause },
  );
}
