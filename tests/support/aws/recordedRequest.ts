import type { IncomingMessage } from "node:http";
import { matchRoute } from "../eks/routes.ts";

/** One call as it reached the local endpoint. */
export interface RecordedRequest {
  readonly method: string;
  /** Path without the query string. */
  readonly path: string;
  /** Parameters of the query string. */
  readonly query: URLSearchParams;
  readonly body: string;
  /** What EKS, STS or IAM was asked for, such as `DescribeCluster` or `AssumeRole`; undefined where the path means nothing. */
  readonly operation: string | undefined;
  /** Parameters of a call of STS or IAM, from its form or query: `RoleArn`, `RoleSessionName`, ... */
  readonly parameters: Readonly<Record<string, string>>;
  /** Access key id of the signature, header or presigned; undefined for an unsigned call. */
  readonly accessKeyId: string | undefined;
  /** Region of the signature's credential scope. */
  readonly region: string | undefined;
  /** Service of the signature's credential scope: `eks`, `iam` or `sts`. */
  readonly service: string | undefined;
  /** Names of the signed headers, lower case, as in `x-k8s-aws-id`. */
  readonly signedHeaders: readonly string[];
  /** Request headers. */
  readonly headers: Readonly<IncomingMessage["headers"]>;
}

/** Reads what an assertion may want from a request and its body. */
export function recordRequest(request: IncomingMessage, body: string): RecordedRequest {
  const url = new URL(request.url ?? "/", "http://localhost");
  const authorization = request.headers.authorization ?? "";
  const credential = /Credential=([^,\s]+)/.exec(authorization)?.[1] ?? url.searchParams.get("X-Amz-Credential") ?? "";
  const signed =
    /SignedHeaders=([^,\s]+)/.exec(authorization)?.[1] ?? url.searchParams.get("X-Amz-SignedHeaders") ?? "";
  const parameters = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
  // A credential scope is <access key id>/<date>/<region>/<service>/aws4_request.
  const [accessKeyId, , region, service] = credential.split("/");
  return {
    method: request.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    body,
    operation: matchRoute(request.method ?? "", url.pathname)?.route.operation ?? parameters.get("Action") ?? undefined,
    parameters: Object.fromEntries(parameters),
    accessKeyId: accessKeyId || undefined,
    region,
    service,
    signedHeaders: signed.split(";").filter((name) => name !== ""),
    headers: request.headers,
  };
}

/** The name of the EKS cluster in `/clusters/<name>`, or undefined for any other path. */
export function clusterNameIn(path: string): string | undefined {
  const name = /^\/clusters\/([^/]+)$/.exec(path)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
}
