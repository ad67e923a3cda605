import { claimsAnnotation } from "../../document";
import { AwsAuthError } from "../../errors";
import type { StoredConfigMap } from "../store";
import { foreignText } from "../text";
import type { ApiConnection } from "./connection";
import type { ApiResponse } from "./sendRequest";

/** What the API server's answers are about, as its own messages name it. */
export type Verb = "get" | "create" | "patch";

/** Reads the ConfigMap in an answer; undefined for anything else, such as the half of one. */
export function configMapIn(response: ApiResponse): StoredConfigMap | undefined {
  const body = jsonOf(response.body);
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

/** Whether a 404 is about the ConfigMap, not about its namespace, nor from something that is no API server. */
export function saysConfigMapMissing(response: ApiResponse): boolean {
  return response.status === 404 && statusOf(response).details["name"] === "aws-auth";
}

/** Whether the same request may well succeed a moment later. */
export function isTransientStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

/** The fault that an answer means, for a request that was not granted. */
export function answerFault(connection: ApiConnection, endpoint: URL, verb: Verb, response: ApiResponse): AwsAuthError {
  const { kind, message, details } = statusOf(response);
  const { label, identity } = connection;
  const said = message === "" ? `HTTP status ${response.status}` : `${response.status}: ${message}`;
  const subject = `${label}: the API server refuses to ${verb} kube-system/aws-auth`;
  switch (response.status) {
    case 401:
      return new AwsAuthError(
        "credentials",
        `${label} does not accept ${identity} (API server ${endpoint.host} answered 401 Unauthorized); ${connection.credentialsRemedy}`,
      );
    case 403:
      return new AwsAuthError(
        "accessDenied",
        `${subject} for ${identity} (${said}); unless an admission policy forbids it, bind a role in kube-system that allows ${rules[verb]}`,
      );
    case 413:
      return new AwsAuthError("tooLarge", `${subject} (${said}); a ConfigMap holds at most 1 MiB`);
    default:
  }
  if (kind !== "Status") {
    return new AwsAuthError(
      "clusterUnreachable",
      `${label}: ${endpoint.host} does not answer like a Kubernetes API server (HTTP status ${response.status}); ${connection.unreachableRemedy}`,
    );
  }
  if (response.status === 404) {
    const missing = details["kind"] === "namespaces" ? "namespace kube-system is missing" : "it is not found";
    return new AwsAuthError(
      "clusterUnreachable",
      `${subject}: ${missing} (${said}); every EKS cluster has that namespace, so check that this is the cluster you mean`,
    );
  }
  return isTransientStatus(response.status)
    ? new AwsAuthError("clusterUnreachable", `${subject}, after several tries (${said}); try again later`)
    : new AwsAuthError("rejected", `${subject} (${said}); change what the message names, or ask who runs the cluster`);
}

const rules: Readonly<Record<Verb, string>> = {
  get: 'get on configmaps "aws-auth"',
  patch: 'patch on configmaps "aws-auth"',
  create: "create on configmaps (a rule for create cannot name one)",
};

function statusOf(response: ApiResponse) {
  const body = jsonOf(response.body);
  const message = body["message"];
  return {
    kind: body["kind"],
    message: body["kind"] === "Status" && typeof message === "string" ? foreignText(message) : "",
    details: fieldsOf(body["details"]),
  };
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
