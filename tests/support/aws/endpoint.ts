import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AwsCaller } from "./caller.ts";
import { presignedProblem } from "./presigned.ts";
import { clusterNameIn, type RecordedRequest, recordRequest } from "./recordedRequest.ts";
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
  stsFailure,
} from "./responses.ts";

/** What the local AWS knows. */
export interface AwsEndpointOptions {
  /**
   * Clusters by name, in the account of `identity`, or by `ACCOUNT/NAME`. Each caller sees those of its own account. The map is
   * read at every call, so a test may change it meanwhile.
   */
  readonly clusters?: ReadonlyMap<string, EksCluster>;
  /** ARN of every caller who is not named otherwise; for an assumed role in the sts form. Without it such callers are refused. */
  readonly identity?: string;
  /** ARNs by access key id, before `identity`: several callers of one endpoint. Read at every call. */
  readonly identities?: ReadonlyMap<string, string>;
  /** Callers whose presigned requests are verified as AWS does. */
  readonly callers?: readonly AwsCaller[];
  /** Answers in the endpoint's place; undefined cuts the connection. */
  readonly intercept?: (exchange: AwsExchange) => Promise<HttpResponse | undefined>;
}

/** A call on its way to an answer. */
export interface AwsExchange {
  readonly request: RecordedRequest;
  /** ARN of who signed it; undefined for nobody known. */
  readonly caller: string | undefined;
  /** The endpoint's own answer. */
  next(): HttpResponse;
}

/** Operations that the endpoint supports. */
export type AwsOperation = "DescribeCluster" | "DescribeClusterVersions" | "GetCallerIdentity" | "AssumeRole";

/** EKS and STS on one local address. */
export interface AwsEndpoint {
  /** For `AWS_ENDPOINT_URL_EKS` and `AWS_ENDPOINT_URL_STS`. */
  readonly url: string;
  /** Every call so far, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Lets an operation fail: the next `times` calls, by default all until {@link AwsEndpoint.recover}. */
  fail(operation: AwsOperation, failure: AwsFailure, times?: number): void;
  /** Ends what {@link AwsEndpoint.fail} began. */
  recover(operation: AwsOperation): void;
  /** Closes the address and all connections. */
  stop(): Promise<void>;
}

/**
 * Starts the endpoint on a fresh port of 127.0.0.1. Signatures are recorded, and verified only for known callers' presigned
 * requests.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const requests: RecordedRequest[] = [];
  const assumed = new Map<string, string>();
  const failures = new Map<string, { failure: AwsFailure; left: number }>();
  const takeFailure = (operation: string | undefined): AwsFailure | undefined => {
    const planned = operation === undefined ? undefined : failures.get(operation);
    if (planned === undefined || planned.left <= 0) {
      return undefined;
    }
    planned.left -= 1;
    return planned.failure;
  };
  const server = createServer(async (incoming, outgoing) => {
    const request = recordRequest(incoming, await textOf(incoming));
    requests.push(request);
    const caller = arnOf(request, options, assumed);
    const failure =
      takeFailure(request.operation) ?? signatureProblem(incoming, request, options) ?? strangerProblem(caller);
    const next = () => respond(request, options, assumed, caller ?? "", failure);
    const response = options.intercept === undefined ? next() : await options.intercept({ request, caller, next });
    if (response === undefined) {
      incoming.socket.destroy();
    } else {
      outgoing.writeHead(response.status, response.headers).end(response.body);
    }
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    requests,
    fail: (operation, failure, times = Number.POSITIVE_INFINITY) =>
      void failures.set(operation, { failure, left: times }),
    recover: (operation) => void failures.delete(operation),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `assumed` holds the callers behind the access keys that AssumeRole gave out. */
function respond(
  request: RecordedRequest,
  options: AwsEndpointOptions,
  assumed: Map<string, string>,
  caller: string,
  failure: AwsFailure | undefined,
): HttpResponse {
  const wantsJson = request.headers.accept?.includes("application/json") ?? false;
  if (request.operation === "DescribeCluster") {
    return failure ? eksFailure(failure) : describeCluster(request, options, accountOf(caller));
  }
  if (request.operation === "DescribeClusterVersions") {
    return failure ? eksFailure(failure) : describeClusterVersionsResponse();
  }
  if (failure !== undefined) {
    return stsFailure(failure, wantsJson);
  }
  if (request.operation === "AssumeRole") {
    const accessKeyId = `ASIATEST${assumed.size + 1}`;
    const arn = sessionArn(request.parameters);
    assumed.set(accessKeyId, arn);
    return assumeRoleResponse(arn, accessKeyId);
  }
  if (request.operation === "GetCallerIdentity") {
    return callerIdentityResponse(caller, wantsJson);
  }
  const message = `Could not find operation ${request.operation} for version 2011-06-15`;
  return stsFailure({ status: 400, code: "InvalidAction", message }, wantsJson);
}

/** Who signed a request. */
function arnOf(
  { accessKeyId = "" }: RecordedRequest,
  options: AwsEndpointOptions,
  assumed: ReadonlyMap<string, string>,
): string | undefined {
  const named = assumed.get(accessKeyId) ?? options.identities?.get(accessKeyId);
  return named ?? callerWith(accessKeyId, options)?.arn ?? options.identity;
}

function strangerProblem(caller: string | undefined): AwsFailure | undefined {
  const message = "The security token included in the request is invalid.";
  return caller === undefined ? { status: 403, code: "UnrecognizedClientException", message } : undefined;
}

function callerWith(accessKeyId: string | undefined, { callers = [] }: AwsEndpointOptions): AwsCaller | undefined {
  return callers.find((caller) => caller.accessKeyId === accessKeyId);
}

function signatureProblem(
  incoming: IncomingMessage,
  { accessKeyId, parameters }: RecordedRequest,
  options: AwsEndpointOptions,
): AwsFailure | undefined {
  const caller = callerWith(accessKeyId, options);
  const isPresigned = parameters["X-Amz-Signature"] !== undefined;
  return caller !== undefined && isPresigned ? presignedProblem(incoming, caller.secretAccessKey) : undefined;
}

/** EKS knows the clusters of the caller's own account, and no other. */
function describeCluster(
  request: RecordedRequest,
  { clusters, identity = "" }: AwsEndpointOptions,
  account: string,
): HttpResponse {
  const name = clusterNameIn(request.path) ?? "";
  const isHome = account === accountOf(identity);
  const cluster = clusters?.get(`${account}/${name}`) ?? (isHome ? clusters?.get(name) : undefined);
  if (cluster !== undefined) {
    return describeClusterResponse(name, cluster, request.region ?? "", account);
  }
  const message = `No cluster found for name: ${name}.`;
  return eksFailure({ status: 404, code: "ResourceNotFoundException", message }, { clusterName: name });
}

/** The caller that a role becomes: the role's path is lost and the session's name is added. */
function sessionArn({ RoleArn = "", RoleSessionName = "" }: RecordedRequest["parameters"]): string {
  const [, partition, , , account, resource = ""] = RoleArn.split(":");
  return `arn:${partition}:sts::${account}:assumed-role/${resource.split("/").at(-1)}/${RoleSessionName}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) {
    text += part;
  }
  return text;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") {
        reject(new Error("a listening server has no port"));
      } else {
        resolve(address.port);
      }
    });
  });
}
