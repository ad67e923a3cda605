import { formatArn, type IamArn, parseIamArn, principalKey } from "../mapping";

/**
 * Whether a role belongs to an AWS service. Only the service can create an access entry for it.
 *
 * aws-auth has such a role without its path, so only its name identifies it. A role in another path is an ordinary role, whatever its name.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export function isServiceLinkedRole({ kind, path, name }: IamArn): boolean {
  if (kind !== "role") {
    return false;
  }
  return path === "" ? /^AWSServiceRoleFor/i.test(name) : /^aws-service-role\//i.test(path);
}

/**
 * Whether an ARN may lack the path of its role, as every ARN in aws-auth does: only `iam:GetRole` tells. A user's ARN has its path in
 * aws-auth too.
 */
export function mayLackPath(principalArn: string): boolean {
  const arn = parseIamArn(principalArn);
  return arn.kind === "role" && arn.path === "";
}

/**
 * The ARN that an access entry needs, as far as the program gives it: the given ARN, if it is the mapping's principal with the role's
 * path. `check` takes the path away for aws-auth, whose authenticator never sees it, so a caller keeps both: what the program gave, for
 * the access entry, and what `check` made of it, for the map.
 *
 * @param given the `arn` of the program, before `check` changed it.
 * @param mapped the `arn` after `check`.
 * @returns undefined if only IAM can tell whether the role has a path.
 */
export function givenPrincipalArn(given: string, mapped: string): string | undefined {
  const arn = parseIamArn(given);
  if (arn.kind === "invalid" || principalKey(given) !== principalKey(mapped)) {
    return undefined;
  }
  return mayLackPath(given) ? undefined : formatArn(arn);
}

/**
 * The access policy that stands for the group `system:masters`.
 *
 * @param partition the cluster's: `aws`, `aws-cn`, `aws-us-gov`, ...
 * @see https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 */
export function clusterAdminPolicy(partition: string): string {
  return `arn:${partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`;
}
