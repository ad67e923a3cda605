import { dataKeys, type MapChanges } from "../../awsAuthMap";
import { claimsAnnotation } from "../../claims";
import { AwsAuthError, hasCode, ignoreUserErrors, RefusedContentError, UnknownOutcomeError } from "../../errors";
import { parseIdentity } from "../../identity/identity";
import type { Caller } from "../../mapping";
import { fieldsOf, jsonFields, listOf, textOf, textsOf } from "../../text/fields";
import { redact } from "../../text/text";
import {
  type ApiConnection,
  type ApiRequest,
  type ApiResponse,
  defaultLimits,
  isPassing,
  type Limits,
  send,
} from "../http";
import { type ConfigMapStore, changedMeanwhile, type StoredConfigMap } from "../store";

type Verb = "get" | "create" | "patch";

const collectionPath = "/api/v1/namespaces/kube-system/configmaps";
const configMapPath = `${collectionPath}/aws-auth`;

const fieldManager = "pulumi-aws-auth";
const asManager = `?fieldManager=${fieldManager}`;

export class KubernetesStore implements ConfigMapStore {
  readonly label: string;
  readonly #connection: ApiConnection;
  readonly #limits: Limits;
  #caller: Promise<Caller | undefined> | undefined;

  constructor(connection: ApiConnection, limits: Limits = defaultLimits) {
    this.label = connection.label;
    this.#connection = connection;
    this.#limits = limits;
  }

  account(expected?: string, authority?: string): Promise<string | undefined> {
    return this.#connection.account(expected, AbortSignal.timeout(this.#limits.read), authority);
  }

  async read(): Promise<StoredConfigMap> {
    const response = await this.#send({ method: "GET", path: configMapPath });
    if (isConfigMapMissing(response)) {
      return { data: {}, version: undefined };
    }
    const found = response.status < 300 ? configMapIn(response) : undefined;
    if (found === undefined) {
      throw await this.#failure("get", response);
    }
    return found;
  }

  async write(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    const verb = base.version === undefined ? "create" : "patch";
    const response = await this.#send(writeRequest(changes, base)).catch((error: unknown) => {
      throw hasCode(error, "clusterUnreachable") ? new UnknownOutcomeError(error) : error;
    });
    const stored = response.status < 300 ? configMapIn(response) : undefined;
    if (stored !== undefined) {
      return stored;
    }
    if (response.status === 409 || (verb === "patch" && isConfigMapMissing(response))) {
      throw changedMeanwhile(`${this.label}: kube-system/aws-auth`);
    }
    const failure = await this.#failure(verb, response);
    if (response.status < 300 || isPassing(response.status)) {
      throw new UnknownOutcomeError(failure);
    }
    // The status does not show whether one of the changes or the whole request is refused, so each change is retried separately.
    throw [400, 403, 413, 422].includes(response.status)
      ? new RefusedContentError(failure.code, failure.message)
      : failure;
  }

  caller(): Promise<Caller | undefined> {
    this.#caller ??= readCaller(this.#connection, this.#limits);
    return this.#caller;
  }

  /** A cluster in mode API ignores the map, so it is neither read nor written. */
  async #send(request: ApiRequest): Promise<ApiResponse> {
    await this.#connection.assertMapCounts(AbortSignal.timeout(this.#limits.read));
    return send(this.#connection, request, this.#limits);
  }

  async #failure(verb: Verb, response: ApiResponse): Promise<AwsAuthError> {
    const connection = this.#connection;
    const { host } = await connection.endpoint(AbortSignal.timeout(this.#limits.read));
    const { kind, said } = statusOf(response);
    const subject = `${this.label}: the API server refuses to ${verb} kube-system/aws-auth`;
    switch (response.status) {
      case 401:
        return new AwsAuthError(
          "credentials",
          `${this.label} rejects ${connection.identity} (API server ${host} returned 401 Unauthorized); ${connection.credentialsRemedy}`,
        );
      case 403:
        return new AwsAuthError(
          "accessDenied",
          `${subject} for ${connection.identity} (${said}); bind a role in kube-system that allows ${rbacRules[verb]} or, if an admission policy refused the request, follow its message`,
        );
      case 413:
        return new AwsAuthError("tooLarge", `${subject} (${said}); a ConfigMap holds at most 1 MiB`);
      default:
    }
    if (kind !== "Status") {
      return new AwsAuthError(
        "clusterUnreachable",
        `${this.label}: ${host} does not respond like a Kubernetes API server (HTTP status ${response.status}); ${connection.unreachableRemedy}`,
      );
    }
    const [code, remedy] =
      isPassing(response.status) || response.status === 404
        ? (["clusterUnreachable", "check that this is the right cluster, or try again"] as const)
        : (["rejected", "correct the problem that the API server reports"] as const);
    return new AwsAuthError(code, `${subject} (${said}); ${remedy}`);
  }
}

/**
 * Requests the identity of this run with a SelfSubjectReview, which every authenticated user may create. Never throws,
 * since API servers before 1.28 do not support it.
 *
 * @returns undefined if the response contains no username.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
 */
async function readCaller(connection: ApiConnection, limits: Limits): Promise<Caller | undefined> {
  const request: ApiRequest = {
    method: "POST",
    isQuestion: true,
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    body: JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" }),
  };
  const response = await ignoreUserErrors(() => send(connection, request, limits));
  if (response === undefined || response.status >= 300) {
    return undefined;
  }
  const { username, groups, extra } = fieldsOf(fieldsOf(jsonFields(response.body)?.["status"])["userInfo"]);
  // The authenticator sets these keys. Only `arn` contains the session name; a proxy may forward only the username.
  const { arn: ownArn, canonicalArn } = fieldsOf(extra);
  const arn = [ownArn, canonicalArn, username].flat().map(String).find(parseIdentity);
  return typeof username === "string" ? { arn, username, groups: textsOf(groups) } : undefined;
}

const rbacRules: Readonly<Record<Verb, string>> = {
  get: 'get on configmaps "aws-auth"',
  patch: 'patch on configmaps "aws-auth"',
  create: "create on configmaps (a rule for create cannot be limited to one ConfigMap)",
};

function writeRequest({ data, claims }: MapChanges, { version }: StoredConfigMap): ApiRequest {
  const annotations = claims === undefined ? {} : { annotations: { [claimsAnnotation]: claims } };
  if (version === undefined) {
    const metadata = { name: "aws-auth", namespace: "kube-system", ...(claims === null ? {} : annotations) };
    const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
    return { method: "POST", path: collectionPath + asManager, body };
  }
  const body = JSON.stringify({ metadata: { resourceVersion: version, ...annotations }, data });
  return { method: "PATCH", path: configMapPath + asManager, body };
}

/** Parses the ConfigMap in a response; undefined for anything else, such as truncated JSON. */
function configMapIn(response: ApiResponse): StoredConfigMap | undefined {
  const body = jsonFields(response.body) ?? {};
  const metadata = fieldsOf(body["metadata"]);
  const version = metadata["resourceVersion"];
  const claims = fieldsOf(metadata["annotations"])[claimsAnnotation];
  const lastWrites = lastWritesIn(metadata["managedFields"]);
  if (body["kind"] !== "ConfigMap" || typeof version !== "string") {
    return undefined;
  }
  const data = Object.entries(fieldsOf(body["data"])).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, value]] : [],
  );
  return {
    data: Object.fromEntries(data),
    version,
    claims: typeof claims === "string" ? claims : undefined,
    lastWrites,
  };
}

/** The last writer of each data key, unless it is this provider. A manager loses a key that another one changes. */
function lastWritesIn(managedFields: unknown): StoredConfigMap["lastWrites"] {
  const writes = listOf(managedFields)
    .map(({ manager, time, fieldsV1: fields }) => ({ writer: textOf(manager), at: new Date(textOf(time)), fields }))
    .filter(({ at }) => at.getTime() > 0)
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
    .flatMap(({ fields, ...write }) => {
      const owned = fieldsOf(fieldsOf(fields)["f:data"]);
      return dataKeys.filter((key) => `f:${key}` in owned).map((key) => [key, write] as const);
    });
  return Object.fromEntries([...new Map(writes)].filter(([, { writer }]) => !["", fieldManager].includes(writer)));
}

/** A 404 may also refer to the namespace, or come from a server that is not an API server. */
function isConfigMapMissing(response: ApiResponse): boolean {
  return response.status === 404 && statusOf(response).details["name"] === "aws-auth";
}

function statusOf(response: ApiResponse) {
  const { kind, message, details } = jsonFields(response.body) ?? {};
  const text = kind === "Status" && typeof message === "string" ? redact(message) : "";
  const said = text === "" ? `HTTP status ${response.status}` : `${response.status}: ${text}`;
  return { kind, said, details: fieldsOf(details) };
}
