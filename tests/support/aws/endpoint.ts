import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { matchRoute } from "../eks/routes.ts";
import type { AwsCaller } from "./caller.ts";
import { presignedProblem } from "./presigned.ts";
import {
  type AwsFailure,
  accountOf,
  assumeRoleResponse,
  callerIdentityResponse,
  describeClusterResponse,
  describeClusterVersionsResponse,
  type EksCluster,
  eksFailure,
  type HttpResponse,
  queryFailure,
} from "./responses.ts";

/** The state of the local AWS. It is read at every call, so tests may change it at any time. */
export interface AwsEndpointOptions {
  /** Clusters by name, in the account of `identity`, or by `ACCOUNT/NAME`. Each caller sees those of its own account. */
  readonly clusters?: ReadonlyMap<string, EksCluster>;
  /** Default ARN of a caller; of the sts form for an assumed role. Without it, unknown callers are refused. */
  readonly identity?: string;
  /** ARNs by access key id; they take precedence over `callers` and `identity`. */
  readonly identities?: ReadonlyMap<string, string>;
  /** Callers whose presigned requests are verified as by AWS. */
  readonly callers?: readonly AwsCaller[];
  /** The clock of the `Date` in responses, in milliseconds. Default: that of the machine. */
  readonly now?: () => number;
  /** Replaces the endpoint's response; undefined closes the connection. */
  readonly intercept?: (exchange: AwsExchange) => Promise<HttpResponse | undefined>;
}

/** A call before its response. */
export interface AwsExchange {
  readonly request: RecordedRequest;
  /** ARN of the signer; undefined if the access key is unknown. */
  readonly caller: string | undefined;
  /** The endpoint's own response. @param uniqueId the ID of the caller's role or user, for GetCallerIdentity. */
  next(uniqueId?: string): HttpResponse;
}

/** One call that the endpoint received. */
export interface RecordedRequest {
  readonly method: string;
  /** Path without the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The requested operation of EKS, STS or IAM, such as `DescribeCluster` or `AssumeRole`; undefined if the path is unknown. */
  readonly operation: string | undefined;
  /** Parameters of a call of STS or IAM, from its form or query: `RoleArn`, `RoleSessionName`, ... */
  readonly parameters: Readonly<Record<string, string>>;
  /** Access key id of the signature, header or presigned; undefined for an unsigned call. */
  readonly accessKeyId: string | undefined;
  /** Region of the signature's credential scope. */
  readonly region: string | undefined;
  /** Service of the signature's credential scope: `eks`, `iam` or `sts`. */
  readonly service: string | undefined;
  readonly headers: Readonly<IncomingMessage["headers"]>;
}

/** EKS and STS on one local address. */
export interface AwsEndpoint {
  /** For `AWS_ENDPOINT_URL_EKS` and `AWS_ENDPOINT_URL_STS`. */
  readonly url: string;
  /** Every call so far, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Fails the next `times` calls of an operation, by default all until {@link AwsEndpoint.recover}. */
  fail(operation: string, failure: AwsFailure, times?: number): void;
  recover(operation: string): void;
  stop(): Promise<void>;
}

/** Starts the endpoint on a free port of 127.0.0.1. It verifies the signatures of presigned requests of known callers. */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const requests: RecordedRequest[] = [];
  const failures = new Map<string, { readonly failure: AwsFailure; left: number }>();
  /** The callers of the access keys that AssumeRole issued. */
  const assumed = new Map<string, string>();

  const planned = (operation = ""): AwsFailure | undefined => {
    const plan = failures.get(operation);
    if (plan === undefined || plan.left <= 0) {
      return undefined;
    }
    plan.left -= 1;
    return plan.failure;
  };
  const server = createServer(async (incoming, outgoing) => {
    const request = recordRequest(incoming, await text(incoming));
    requests.push(request);
    const { operation, accessKeyId = "", parameters } = request;
    const known = options.callers?.find((caller) => caller.accessKeyId === accessKeyId);
    const caller = assumed.get(accessKeyId) ?? options.identities?.get(accessKeyId) ?? known?.arn ?? options.identity;
    const isVerified = known !== undefined && parameters["X-Amz-Signature"] !== undefined;
    const failure =
      planned(operation) ??
      (isVerified ? presignedProblem(incoming, known.secretAccessKey) : undefined) ??
      (caller === undefined ? unknownCaller : undefined);
    const next = (uniqueId?: string) => respond(request, options, assumed, caller ?? "", failure, uniqueId);
    const response = options.intercept === undefined ? next() : await options.intercept({ request, caller, next });
    if (response === undefined) {
      incoming.socket.destroy();
    } else {
      const date = new Date((options.now ?? Date.now)()).toUTCString();
      outgoing.writeHead(response.status, { date, ...response.headers }).end(response.body);
    }
  });
  return {
    ...(await listen(server)),
    requests,
    fail: (operation, failure, times = Number.POSITIVE_INFINITY) =>
      void failures.set(operation, { failure, left: times }),
    recover: (operation) => void failures.delete(operation),
  };
}

/** Starts a server on a free port of 127.0.0.1. */
export async function listen(server: Server): Promise<{ readonly url: string; stop(): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, stop };
}

const unknownCaller: AwsFailure = {
  status: 403,
  code: "UnrecognizedClientException",
  message: "The security token included in the request is invalid.",
};

function respond(
  request: RecordedRequest,
  options: AwsEndpointOptions,
  assumed: Map<string, string>,
  caller: string,
  failure: AwsFailure | undefined,
  uniqueId: string | undefined,
): HttpResponse {
  const { operation, parameters } = request;
  const wantsJson = request.headers.accept?.includes("application/json") ?? false;
  if (parameters["Action"] === undefined) {
    return failure === undefined ? respondAsEks(request, options, accountOf(caller)) : eksFailure(failure);
  }
  if (failure !== undefined) {
    return queryFailure(failure, wantsJson);
  }
  if (operation === "AssumeRole") {
    const accessKeyId = `ASIATEST${assumed.size + 1}`;
    const arn = sessionArn(parameters);
    assumed.set(accessKeyId, arn);
    return assumeRoleResponse(arn, accessKeyId);
  }
  if (operation === "GetCallerIdentity") {
    return callerIdentityResponse(caller, uniqueId, wantsJson);
  }
  const message = `Could not find operation ${operation} for version 2011-06-15`;
  return queryFailure({ status: 400, code: "InvalidAction", message }, wantsJson);
}

/** A caller sees only the clusters of its own account. */
function respondAsEks(
  { method, path, region = "" }: RecordedRequest,
  { clusters, identity = "" }: AwsEndpointOptions,
  account: string,
): HttpResponse {
  const { operation, parts } = matchRoute(method, path) ?? {};
  if (operation === "DescribeClusterVersions") {
    return describeClusterVersionsResponse();
  }
  const name = parts?.["clusterName"] ?? "";
  const isHome = account === accountOf(identity);
  const cluster = clusters?.get(`${account}/${name}`) ?? (isHome ? clusters?.get(name) : undefined);
  if (operation === "DescribeCluster" && cluster !== undefined) {
    return describeClusterResponse(name, cluster, region, account);
  }
  const message = `No cluster found for name: ${name}.`;
  return eksFailure({ status: 404, code: "ResourceNotFoundException", message, details: { clusterName: name } });
}

/** The ARN of an assumed-role session: without the role's path, with the session name. */
function sessionArn({ RoleArn = "", RoleSessionName = "" }: RecordedRequest["parameters"]): string {
  const [, partition, , , account, resource = ""] = RoleArn.split(":");
  return `arn:${partition}:sts::${account}:assumed-role/${resource.split("/").at(-1)}/${RoleSessionName}`;
}

function recordRequest({ method = "", url: target = "/", headers }: IncomingMessage, body: string): RecordedRequest {
  const { pathname: path, searchParams: query } = new URL(target, "http://localhost");
  const signed = /Credential=([^,\s]+)/.exec(headers.authorization ?? "")?.[1];
  // A credential scope is <access key id>/<date>/<region>/<service>/aws4_request.
  const [accessKeyId, , region, service] = (signed ?? query.get("X-Amz-Credential") ?? "").split("/");
  const parameters = Object.fromEntries(method === "POST" ? new URLSearchParams(body) : query);
  return {
    method,
    path,
    query,
    body,
    operation: matchRoute(method, path)?.operation ?? parameters["Action"],
    parameters,
    accessKeyId: accessKeyId || undefined,
    region,
    service,
    headers,
  };
}
