import { AwsError, eksError } from "./awsError.ts";
import { isAllowed, type JudgedCall } from "./iamPolicy.ts";
import type { EksRequest } from "./routes.ts";
import { type AwsState, latestEntries, region } from "./state.ts";

/**
 * Refuses a call that the caller may not make, before its parameters are validated.
 * https://github.com/zalando-incubator/kubernetes-on-aws/pull/11612 has the full message.
 *
 * @param shown the resource in the message, if it is another one.
 */
export function authorize({ policies }: AwsState, caller: string, call: JudgedCall, shown = call.resource): void {
  const policy = policies.get(caller);
  if (policy === undefined || isAllowed(policy, call)) {
    return;
  }
  const { action } = call;
  const message = `User: ${caller} is not authorized to perform: ${action} on resource: ${shown} because no identity-based policy allows the ${action} action`;
  throw action.startsWith("eks:")
    ? eksError("AccessDeniedException", message)
    : new AwsError("AccessDenied", 403, message);
}

/** Refuses a call of EKS that the caller may not make. */
export function authorizeEks(state: AwsState, caller: string, account: string, request: EksRequest): void {
  const { operation, path, body, query } = request;
  const { clusterName = "", principalArn, resourceArn } = path;
  const prefix = `arn:aws:eks:${region}:${account}:`;
  const cluster = `${prefix}cluster/${clusterName}`;
  const entries = state.clusters.flatMap((one) => (one.account === account ? latestEntries(one) : []));
  const ofCluster = `${prefix}access-entry/${clusterName}/`;
  const entry = entries.find((one) =>
    resourceArn === undefined
      ? one.principalArn === principalArn && one.accessEntryArn.startsWith(ofCluster)
      : one.accessEntryArn === resourceArn,
  );
  const values = {
    "eks:principalArn": principalArn ?? body.principalArn ?? entry?.principalArn,
    "eks:accessEntryType": entry?.type ?? body.type,
    "eks:clusterName": entry?.accessEntryArn.split("/")[1],
    "eks:kubernetesGroups": body.kubernetesGroups,
    "eks:username": body.username,
    "eks:policyArn": path["policyArn"] ?? body.policyArn,
    "eks:accessScope": body.accessScope?.type,
    "eks:namespaces": body.accessScope?.namespaces,
    "aws:TagKeys": [...Object.keys(body.tags ?? {}), ...query.getAll("tagKeys")],
  };
  const child = /^Describe(Nodegroup|FargateProfile)$/.exec(operation)?.[1]?.toLowerCase();
  const ofChild = child && `${prefix}${child}/${clusterName}/${path["nodegroupName"] ?? path["fargateProfileName"]}/*`;
  // The resource of an entry that does not exist is [inferred].
  const ofEntry = resourceArn ?? entry?.accessEntryArn ?? (principalArn && `${ofCluster}*`);
  authorize(state, caller, { action: `eks:${operation}`, resource: ofEntry ?? ofChild ?? cluster, values });
  if (operation === "CreateAccessEntry" && values["aws:TagKeys"].length > 0) {
    // https://github.com/gravitational/teleport/pull/44736; the resource is [inferred].
    const tagged = { "aws:TagKeys": values["aws:TagKeys"] };
    authorize(state, caller, { action: "eks:TagResource", resource: `${cluster}/createaccessentry`, values: tagged });
  }
}
