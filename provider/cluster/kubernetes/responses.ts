import type { MapChanges } from "../../awsAuthMap";
import { claimsAnnotation } from "../../claims";
import { AwsAuthError, RefusedContentError } from "../../errors";
import { fieldsOf, jsonFields } from "../../text/fields";
import { redact } from "../../text/text";
import type { ApiConnection, ApiResponse } from "../request";
import type { StoredConfigMap } from "../store";

/** The resource that a request is about, as the API server's messages name it. */
export type Verb = "get" | "create" | "patch";

/** Reads the ConfigMap in a response; undefined for anything else, such as truncated JSON. */
export function configMapIn(response: ApiResponse): StoredConfigMap | undefined {
  const body = jsonFields(response.body) ?? {};
  const metadata = fieldsOf(body["metadata"]);
  const version = metadata["resourceVersion"];
  const claims = fieldsOf(metadata["annotations"])[claimsAnnotation];
  if (body["kind"] !== "ConfigMap" || typeof version !== "string") {
    return undefined;
  }
  const data = Object.entries(fieldsOf(body["data"])).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return { data: Object.fromEntries(data), version, ...(typeof claims === "string" && { claims }) };
}

/**
 * Whether a 404 means that the ConfigMap is missing. It could also be the namespace, or come from a server that is not a Kubernetes
 * API server.
 */
export function saysConfigMapMissing(response: ApiResponse): boolean {
  return response.status === 404 && statusOf(response).details["name"] === "aws-auth";
}

/** Whether a retry of the same request may succeed. */
export function isTransientStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

export function responseError(
  connection: ApiConnection,
  endpoint: URL,
  verb: Verb,
  response: ApiResponse,
): AwsAuthError {
  const { kind, details } = statusOf(response);
  const { label, identity } = connection;
  const subject = refusal(label, verb);
  switch (response.status) {
    case 401:
      return new AwsAuthError(
        "credentials",
        `${label} does not accept ${identity} (API server ${endpoint.host} returned 401 Unauthorized); ${connection.credentialsRemedy}`,
      );
    case 403:
      return new AwsAuthError(
        "accessDenied",
        `${subject} for ${identity} (${said(response)}); unless an admission policy forbids it, bind a role in kube-system that allows ${rules[verb]}`,
      );
    case 413:
      return new AwsAuthError("tooLarge", `${subject} (${said(response)}); a ConfigMap holds at most 1 MiB`);
    default:
  }
  if (kind !== "Status") {
    return new AwsAuthError(
      "clusterUnreachable",
      `${label}: ${endpoint.host} does not respond like a Kubernetes API server (HTTP status ${response.status}); ${connection.unreachableRemedy}`,
    );
  }
  if (response.status === 404) {
    const missing = details["kind"] === "namespaces" ? "namespace kube-system is missing" : "it is not found";
    return new AwsAuthError(
      "clusterUnreachable",
      `${subject}: ${missing} (${said(response)}); every EKS cluster has that namespace, so check that this is the cluster you mean`,
    );
  }
  return isTransientStatus(response.status)
    ? new AwsAuthError("clusterUnreachable", `${subject}, after several tries (${said(response)}); try again later`)
    : new AwsAuthError(
        "rejected",
        `${subject} (${said(response)}); change what the message names, or ask the cluster's administrators`,
      );
}

/** Whether the content of a write can be the reason for its refusal: its size, an admission policy, or validation. */
function mayConcernContent(response: ApiResponse): boolean {
  const { causes } = statusOf(response).details;
  // An immutable ConfigMap refuses every change to its data.
  const isImmutable = (Array.isArray(causes) ? causes.map(fieldsOf) : []).some(
    ({ reason, field }) => reason === "FieldValueForbidden" && field === "data",
  );
  return [400, 403, 413, 422].includes(response.status) && !isImmutable;
}

/** The error for a change that the server refuses although it accepts other changes. */
function contentRefusedError({ label }: ApiConnection, { failure, response, verb }: Refusal): RefusedContentError {
  return failure.code === "tooLarge"
    ? new RefusedContentError(failure.code, failure.message)
    : new RefusedContentError(
        "rejected",
        `${refusal(label, verb)} with this change (${said(response)}); change what the message names, or ask the cluster's administrators`,
      );
}

const rules: Readonly<Record<Verb, string>> = {
  get: 'get on configmaps "aws-auth"',
  patch: 'patch on configmaps "aws-auth"',
  create: "create on configmaps (a rule for create cannot name a single ConfigMap)",
};

function refusal(label: string, verb: Verb): string {
  return `${label}: the API server refuses to ${verb} kube-system/aws-auth`;
}

function said(response: ApiResponse): string {
  const { message } = statusOf(response);
  return message === "" ? `HTTP status ${response.status}` : `${response.status}: ${message}`;
}

function statusOf(response: ApiResponse) {
  const body = jsonFields(response.body) ?? {};
  const message = body["message"];
  return {
    kind: body["kind"],
    message: body["kind"] === "Status" && typeof message === "string" ? redact(message) : "",
    details: fieldsOf(body["details"]),
  };
}

interface Refusal {
  readonly failure: AwsAuthError;
  readonly response: ApiResponse;
  readonly verb: Verb;
  readonly changes: MapChanges;
  readonly base: StoredConfigMap;
}

/**
 * The error for a refused write. Finds out what the API server refuses: every write of ours, or these changes. The response does not tell, since a missing permission, an admission policy and a webhook all produce similar ones.
 *
 * @param wouldStore tests other changes with a dry run.
 */
export async function refusedWriteError(
  connection: ApiConnection,
  refused: Refusal,
  wouldStore: (changes: MapChanges) => Promise<boolean>,
): Promise<AwsAuthError> {
  const { failure, response, changes, base } = refused;
  if (!mayConcernContent(response) || !(await wouldStore(nothing(changes, base)))) {
    return failure;
  }
  return contentRefusedError(connection, refused);
}

/** A write without content: no change or, if there is no ConfigMap yet, the same keys without entries. */
function nothing({ data }: MapChanges, { version }: StoredConfigMap): MapChanges {
  return { data: version === undefined ? Object.fromEntries(Object.keys(data).map((key) => [key, "[]\n"])) : {} };
}
