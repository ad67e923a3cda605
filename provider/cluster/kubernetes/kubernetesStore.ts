import { claimsAnnotation, type MapChanges } from "../../document";
import { AwsAuthError, ignoreUserErrors, UnknownOutcomeError } from "../../errors";
import type { Caller } from "../../mapping";
import { describeCause, isCertificateProblem } from "../network";
import { type ConfigMapStore, holds, type StoredConfigMap } from "../store";
import { readCaller } from "./access";
import {
  type ApiConnection,
  type ApiRequest,
  type ApiResponse,
  Deadline,
  defaultLimits,
  type Limits,
  sendRequest,
  TransportError,
} from "./request";
import {
  configMapIn,
  isTransientStatus,
  RefusalJudge,
  responseError,
  saysConfigMapMissing,
  type Verb,
} from "./responses";

/** How a request ended: with a response to judge, or so that it may be repeated. */
type Outcome =
  | {
      readonly kind: "response";
      readonly response: ApiResponse;
      /** The ConfigMap in it, where there is one. */
      readonly configMap: StoredConfigMap | undefined;
      readonly failure: () => AwsAuthError;
    }
  | {
      readonly kind: "transient";
      /** Whether the server may have acted upon the request. */
      readonly ambiguous: boolean;
      readonly retryAfter: number | undefined;
      readonly failure: () => AwsAuthError;
    };

/** What is sent, as often as it takes. */
interface Attempted {
  readonly verb: Verb;
  readonly path: string;
  readonly body?: Buffer;
  /** The server judges it and stores nothing: its status says all, and the object in the response to a create has no version. */
  readonly isDryRun?: boolean;
}

/**
 * kube-system/aws-auth behind a Kubernetes API server. Requests are plain ones, since typed clients drop fields that they do not
 * know.
 */
export class KubernetesStore implements ConfigMapStore {
  readonly #connection: ApiConnection;

  readonly #limits: Limits;

  readonly #judge: RefusalJudge;

  #caller: Promise<Caller | undefined> | undefined;

  constructor(connection: ApiConnection, limits: Limits = defaultLimits) {
    this.#connection = connection;
    this.#limits = limits;
    this.#judge = new RefusalJudge(connection, (changes, base) => this.#wouldStore(changes, base));
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
      if (outcome.kind === "response") {
        if (saysConfigMapMissing(outcome.response)) {
          return { data: {}, version: undefined };
        }
        if (outcome.configMap === undefined) {
          throw outcome.failure();
        }
        return outcome.configMap;
      }
      if (!(await deadline.pause(tries, outcome.retryAfter))) {
        throw outcome.failure();
      }
    }
  }

  async write(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    const deadline = new Deadline(this.#limits.write, this.#limits.firstPause);
    const request = writeRequest(changes, base);
    // A lost response needs no extra read: the same request again is either stored or meets its own version.
    let mayBeStored = false;
    for (let tries = 1; ; tries++) {
      const outcome = await this.#send(request, deadline, this.#limits.writeTry, tries > 1);
      if (outcome.kind === "transient") {
        mayBeStored ||= outcome.ambiguous;
        if (!(await deadline.pause(tries, outcome.retryAfter))) {
          throw mayBeStored ? new UnknownOutcomeError(outcome.failure()) : outcome.failure();
        }
        continue;
      }
      const { response, configMap } = outcome;
      if (configMap !== undefined) {
        this.#judge.accepted(changes);
        return configMap;
      }
      if (response.status !== 409 && !(request.verb === "patch" && saysConfigMapMissing(response))) {
        const failure = outcome.failure();
        throw mayBeStored
          ? new UnknownOutcomeError(failure)
          : await this.#judge.refused({ failure, response, verb: request.verb, changes, base });
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
  }

  caller(): Promise<Caller | undefined> {
    this.#caller ??= readCaller(this.#connection, this.#limits);
    return this.#caller;
  }

  async #readAfterLostResponse(): Promise<StoredConfigMap> {
    try {
      return await this.read();
    } catch (error) {
      throw error instanceof AwsAuthError ? new UnknownOutcomeError(error) : error;
    }
  }

  /** Whether a write would be stored, asked without storing anything; false where that cannot be learned. */
  async #wouldStore(changes: MapChanges, base: StoredConfigMap): Promise<boolean> {
    const deadline = new Deadline(this.#limits.writeTry, this.#limits.firstPause);
    const request = writeRequest(changes, base, true);
    for (let tries = 1; ; tries++) {
      const outcome = await ignoreUserErrors(() => this.#send(request, deadline, this.#limits.writeTry, false));
      if (outcome?.kind !== "transient") {
        return outcome !== undefined && outcome.response.status < 300;
      }
      if (!(await deadline.pause(tries, outcome.retryAfter))) {
        return false;
      }
    }
  }

  /** One request, sent again once with new credentials if the server does not accept the old ones. */
  async #send(
    { verb, path, body, isDryRun }: Attempted,
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
      const failure = () => responseError(connection, endpoint, verb, response);
      const isGranted = isDryRun !== true && response.status < 300;
      const configMap = isGranted ? configMapIn(response) : undefined;
      const cutOff = isGranted && configMap === undefined;
      // A server that has just come back refuses everybody until it has read its roles.
      const mayBeStarting = isRepeated && response.status === 403;
      if (!isTransientStatus(response.status) && !mayBeStarting && !cutOff) {
        return { kind: "response", response, configMap, failure };
      }
      // Refused for now is not done; after any other failure of the server a write may be stored all the same.
      const ambiguous = response.status !== 429 && response.status !== 403;
      return { kind: "transient", ambiguous, retryAfter: response.retryAfter, failure };
    } catch (error) {
      if (!(error instanceof TransportError)) {
        throw error;
      }
      const failure = () => unreachable(connection, endpoint, error.cause, deadline);
      if (isCertificateProblem(error.cause)) {
        throw failure();
      }
      return { kind: "transient", ambiguous: error.sent, retryAfter: undefined, failure };
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

/** @param isDryRun asks about the write on whatever version there is by then. */
function writeRequest({ data, claims }: MapChanges, { version }: StoredConfigMap, isDryRun = false): Attempted {
  const query = isDryRun ? `${fieldManager}&dryRun=All` : fieldManager;
  const annotations = claims === undefined ? {} : { annotations: { [claimsAnnotation]: claims } };
  if (version === undefined) {
    const metadata = { name: "aws-auth", namespace: "kube-system", ...(claims === null ? {} : annotations) };
    const body = encode({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
    return { verb: "create", path: collectionPath + query, body, isDryRun };
  }
  const body = encode({ metadata: { ...(isDryRun ? {} : { resourceVersion: version }), ...annotations }, data });
  return { verb: "patch", path: configMapPath + query, body, isDryRun };
}

/** JSON, made field by field: one string of data and record together would be so large that V8 takes twice the time to make it. */
function encode(fields: Readonly<Record<string, unknown>>): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value], index) => [
    `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`,
    JSON.stringify(value),
  ]);
  return Buffer.concat([...parts, "}"].map((part) => Buffer.from(part)));
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
