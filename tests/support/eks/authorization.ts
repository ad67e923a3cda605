import { AwsError, eksError } from "./awsError.ts";
import type { Origin } from "./clusters.ts";
import { parsePrincipalArn } from "./principals.ts";
import type { EksRequest } from "./routes.ts";

/** Actions that somebody may do, as in an IAM policy: `eks:DescribeCluster`, `eks:List*`, `*`. */
export type Permissions = readonly string[];

/** Whether one of the patterns names an action; IAM does not look at case. */
export function allows(permissions: Permissions, action: string): boolean {
  return permissions.some((pattern) => {
    const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, (letter) => (letter === "*" ? ".*" : `\\${letter}`));
    return new RegExp(`^${escaped}$`, "i").test(action);
  });
}

/**
 * Refuses a call of EKS that the caller may not make, before EKS looks at its parameters.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
 */
export function authorizeEks(
  request: EksRequest,
  caller: string,
  origin: Origin,
  permissions: Permissions,
  partition: string,
): void {
  const { operation, body } = request;
  const here = `arn:${partition}:eks:${origin.region}:${origin.account}:`;
  const refuse = (action: string, resource: string): void => {
    if (!allows(permissions, action)) {
      throw eksError("AccessDeniedException", denial(caller, action, resource));
    }
  };
  refuse(`eks:${operation}`, here + resourceOf(request));
  if (operation === "CreateAccessEntry" && Object.keys(body.tags ?? {}).length > 0) {
    // Seen with CreateAddon as "...:/createaddon"; for access entries the form is [inferred], the action is not
    // (https://github.com/gravitational/teleport/pull/44736).
    refuse("eks:TagResource", `${here}/createaccessentry`);
  }
}

/** Refuses a call of IAM, in IAM's own words. */
export function authorizeIam(action: string, resource: string, caller: string, permissions: Permissions): void {
  if (!allows(permissions, `iam:${action}`)) {
    throw new AwsError("AccessDenied", 403, denial(caller, `iam:${action}`, resource));
  }
}

/** https://github.com/zalando-incubator/kubernetes-on-aws/pull/11612 has the whole sentence. */
function denial(caller: string, action: string, resource: string): string {
  return `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}

/** The end of the ARN that a call is about. */
function resourceOf({ operation, path, body }: EksRequest): string {
  const cluster = path["clusterName"] ?? "";
  if (operation === "CreateAccessEntry" || operation === "ListAccessEntries") {
    return `cluster/${cluster}`;
  }
  const principalArn = path["principalArn"] ?? body.principalArn;
  if (principalArn !== undefined) {
    // Seen: "access-entry/CLUSTER////*" of a principal that was no ARN.
    const { kind = "", account = "", name = "" } = parsePrincipalArn(principalArn) ?? {};
    return `access-entry/${cluster}/${kind}/${account}/${name}/*`;
  }
  if (path["nodegroupName"] !== undefined) {
    return `nodegroup/${cluster}/${path["nodegroupName"]}/*`; // [inferred] from the line above
  }
  if (path["fargateProfileName"] !== undefined) {
    return `fargateprofile/${cluster}/${path["fargateProfileName"]}/*`; // [inferred]
  }
  if (path["resourceArn"] !== undefined) {
    return path["resourceArn"].split(":").slice(5).join(":");
  }
  return cluster === "" ? "*" : `cluster/${cluster}`;
}
