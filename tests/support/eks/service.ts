import type { AwsExchange } from "../aws/endpoint.ts";
import { describeClusterVersionsResponse, eksFailure, type HttpResponse, stsFailure } from "../aws/responses.ts";
import { answerEntryCall, checkEntryRequest } from "./accessEntries.ts";
import { authorizeEks, type Permissions } from "./authorization.ts";
import { AwsError, eksError } from "./awsError.ts";
import { answerClusterCall, clusterOf, finishUpdates } from "./clusters.ts";
import type { AwsCall, Hook } from "./disturbance.ts";
import { answerIamCall, iamFailure } from "./iamApi.ts";
import type { Principal, Principals } from "./principals.ts";
import { matchRoute, parseRequest } from "./routes.ts";
import { checkSignature, serviceOf } from "./signature.ts";
import type { AwsState } from "./state.ts";
import { answerTagCall } from "./tags.ts";

/** What decides over calls beside the rules of AWS. */
export interface ServiceControls {
  permissionsOf(caller: string): Permissions;
  isThrottled(operation: string): boolean;
}

/** Answers the calls of EKS and IAM on a local endpoint, which goes on answering those of STS. */
export class AwsService {
  /** Every call so far, in order of arrival. */
  readonly calls: AwsCall[] = [];
  /** Before anything is done. */
  before: Hook | undefined;
  /** Once it is done, and before it is answered. */
  after: Hook | undefined;
  readonly #state: AwsState;
  readonly #controls: ServiceControls;
  #underWay = 0;

  constructor(state: AwsState, controls: ServiceControls) {
    this.#state = state;
    this.#controls = controls;
  }

  /** For `intercept` of the endpoint. */
  readonly exchange = async (exchange: AwsExchange): Promise<HttpResponse | undefined> => {
    this.#underWay += 1;
    const call = this.#record(exchange);
    try {
      const before = await this.before?.(call);
      const response = before === "cut" ? before : this.#answer(call, exchange, before);
      const after = response === "cut" ? response : await this.after?.(call);
      if (response === "cut" || after === "cut") {
        return undefined;
      }
      return this.#finish(call, after instanceof AwsError ? this.#failure(call, after) : response);
    } catch (error) {
      // A mistake here, or an assertion in a hook: what calls would wait for ever.
      const { stack = String(error) } = error instanceof Error ? error : {};
      return this.#finish(call, this.#failure(call, new AwsError("InternalFailure", 500, stack)));
    } finally {
      this.#underWay -= 1;
    }
  };

  #record({ request, caller }: AwsExchange): AwsCall {
    const route = matchRoute(request.method, request.path);
    const service = serviceOf(request);
    const call: AwsCall = {
      number: this.calls.length + 1,
      service,
      operation: (service === "eks" ? route?.route.operation : request.operation) ?? "",
      caller,
      accessKeyId: request.accessKeyId,
      region: request.region,
      cluster: route?.parts["clusterName"],
      principalArn: route?.parts["principalArn"] ?? /"principalArn":"([^"]+)"/.exec(request.body)?.[1],
      atOnce: this.#underWay,
      status: undefined,
      code: undefined,
    };
    this.calls.push(call);
    return call;
  }

  #answer(call: AwsCall, exchange: AwsExchange, verdict: AwsError | undefined): HttpResponse {
    try {
      if (verdict instanceof AwsError) {
        throw verdict;
      }
      if (call.service === "sts") {
        return this.#answerSts(exchange);
      }
      if (this.#controls.isThrottled(call.operation)) {
        throw call.service === "eks"
          ? eksError("ThrottlingException", "Rate exceeded")
          : new AwsError("Throttling", 400, "Rate exceeded");
      }
      return call.service === "eks" ? this.#answerEks(exchange) : this.#answerIam(exchange);
    } catch (error) {
      if (error instanceof AwsError) {
        return this.#failure(call, error);
      }
      throw error;
    }
  }

  /** STS tells the unique ID of a role or user, which is another one once that is made again. */
  #answerSts({ request, caller = "", next }: AwsExchange): HttpResponse {
    const response = next();
    const principal = principalBehind(caller, this.#state.principals);
    if (request.operation !== "GetCallerIdentity" || response.status !== 200 || principal === undefined) {
      return response;
    }
    return { ...response, body: response.body.replace(/A(?:ROA|IDA)TEST[A-Z0-9]+/, principal.uniqueId) };
  }

  #answerIam({ request, caller }: AwsExchange): HttpResponse {
    checkSignature(request, caller);
    return answerIamCall(request.parameters, caller, this.#state.principals, this.#controls.permissionsOf(caller));
  }

  #answerEks({ request, caller }: AwsExchange): HttpResponse {
    finishUpdates(this.#state);
    checkSignature(request, caller);
    const parsed = parseRequest(request.method, request.path, request.query, request.body);
    const [, partition = "aws", , , account = ""] = caller.split(":");
    const origin = { account, region: request.region ?? "" };
    authorizeEks(parsed, caller, origin, this.#controls.permissionsOf(caller), partition);
    if (parsed.operation === "DescribeClusterVersions") {
      return describeClusterVersionsResponse();
    }
    if (parsed.path["clusterName"] === undefined) {
      return json(answerTagCall(this.#state, origin, parsed) ?? {});
    }
    const isEntryCall = request.path.includes("/access-entries");
    if (isEntryCall) {
      checkEntryRequest(parsed, account);
    }
    const cluster = clusterOf(this.#state, origin, parsed.path["clusterName"]);
    const answer = isEntryCall ? answerEntryCall : answerClusterCall;
    return json(answer(this.#state, cluster, parsed) ?? {});
  }

  #failure(call: AwsCall, error: AwsError): HttpResponse {
    call.code = error.code;
    if (call.service === "iam") {
      return iamFailure(error);
    }
    return call.service === "sts" ? stsFailure(error, false) : eksFailure(error, error.details);
  }

  #finish(call: AwsCall, response: HttpResponse): HttpResponse {
    call.status = response.status;
    return response;
  }
}

/** The role or user behind a caller; a session's ARN has no path. */
function principalBehind(caller: string, principals: Principals): Principal | undefined {
  const [, , , , account = "", resource = ""] = caller.split(":");
  const [, role] = /^assumed-role\/([^/]+)\//.exec(resource) ?? [];
  return role === undefined ? principals.find(caller) : principals.named(account, "role", role);
}

function json(value: object): HttpResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
