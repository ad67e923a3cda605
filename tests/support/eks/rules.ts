import { type EksErrorCode, eksError, invalid } from "./awsError.ts";
import { type PrincipalArn, parsePrincipalArn } from "./principals.ts";
import type { AccessScope } from "./state.ts";

/**
 * The rules of access entries that need no state. Each returns if the value is valid, and otherwise throws EKS's error. Texts are EKS's
 * own, from the issue or page in the comment; [inferred] marks texts and rules without a source. "Measured" means: observed by the authors
 * of https://github.com/badmintoncryer/cdk-preflight (rules/eks) on EKS itself on 2026-09-25.
 */

/** In the order in which EKS lists them. */
const entryTypes = [
  "EC2_LINUX",
  "EC2_WINDOWS",
  "FARGATE_LINUX",
  "HYBRID_LINUX",
  "EC2",
  "HYPERPOD_LINUX",
  "STANDARD",
] as const;

/** https://docs.aws.amazon.com/eks/latest/userguide/set-custom-username.html. Measured: no other prefix, and for groups the same. */
const reservedPrefixes = ["system:", "eks:", "aws:", "amazon:", "iam:"];

/** The principal of an entry: an IAM role or user. EKS has one error for all other ARNs, such as an assumed role's. */
export function principalOf(arn: string): PrincipalArn {
  const principal = parsePrincipalArn(arn);
  if (principal === undefined) {
    throw invalid("The principalArn parameter format is not valid");
  }
  return principal;
}

/** Measured: the ARN alone decides. https://github.com/hashicorp/terraform-provider-aws/issues/36447 */
export function checkServiceLinked({ path }: PrincipalArn): void {
  if (path.startsWith("/aws-service-role/")) {
    throw invalid(
      "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role",
    );
  }
}

/** https://github.com/aws/aws-cdk/pull/31147, when there were four. */
export function checkType(type: string): void {
  if (!entryTypes.some((known) => known === type)) {
    throw invalid(`AccessEntry type must be one of [${entryTypes.join(", ")}]`);
  }
}

/** https://github.com/aws-ia/terraform-aws-eks-blueprints/issues/2004 */
export function checkUsername(username: string | undefined): void {
  if (username === undefined) {
    return;
  }
  if (username === "") {
    throw invalid("The username must not be empty"); // [inferred]
  }
  const prefix = reservedPrefixes.find((reserved) => username.startsWith(reserved));
  if (prefix !== undefined) {
    throw invalid(`The username must not begin with ${prefix}`);
  }
  // The rule is in the user guide (set-custom-username); for {{SessionNameRaw}} and in its text it is [inferred].
  const [before] = username.split(/\{\{SessionName(?:Raw)?\}\}/);
  if (before !== username && !before?.includes(":")) {
    throw invalid("The username must contain a colon before {{SessionName}}");
  }
}

/** https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2915 */
export function checkGroups(groups: readonly string[]): void {
  for (const group of groups) {
    const prefix = reservedPrefixes.find((reserved) => group.startsWith(reserved));
    if (prefix !== undefined) {
      throw invalid(`The kubernetes group name ${group} is invalid, it cannot start with ${prefix}`);
    }
    if (group === "") {
      throw invalid("The kubernetes group name must not be empty"); // [inferred]
    }
  }
}

/** Fields that EKS refuses for node types. Measured for EC2_LINUX. */
export function checkNode(
  type: string,
  principal: PrincipalArn,
  account: string,
  given: { readonly username?: string; readonly kubernetesGroups?: readonly string[] },
): void {
  if (type === "STANDARD") {
    return;
  }
  if (principal.kind !== "role") {
    throw invalid("AccessEntry principalArn must be IAM role when using the types of nodes");
  }
  if (principal.account !== account) {
    throw invalid("AccessEntry principalArn must be from the same account as the cluster for the types of nodes");
  }
  for (const property of ["username", "kubernetesGroups"] as const) {
    if ((given[property]?.length ?? 0) > 0) {
      throw invalid(
        `The specified ${property} is invalid: setting ${property} is not allowed when the type is "${type}"`,
      );
    }
  }
}

/**
 * Refuses UpdateAccessEntry and AssociateAccessPolicy for node types. https://github.com/aws-controllers-k8s/community/issues/2144,
 * https://github.com/aws/aws-cdk/issues/29393
 */
export function checkStandard(type: string): void {
  if (type !== "STANDARD") {
    throw invalid('This operation can only be performed on Access Entries with a type of "STANDARD".');
  }
}

/** The ARN of an access policy, which has neither region nor account. */
export function accessPolicyArn(name: string): string {
  return `arn:aws:eks::aws:cluster-access-policy/${name}`;
}

/** The policies in the tests, from https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html. */
const accessPolicies = ["ClusterAdmin", "Admin", "AdminView", "Edit", "View"].map((name) =>
  accessPolicyArn(`AmazonEKS${name}Policy`),
);

/** Measured: a policy ARN of another service is invalid; an EKS policy that does not exist, or not in this partition, is not found. */
export function checkPolicy(arn: string): void {
  if (!/^arn:[^:]+:eks:/.test(arn)) {
    throw invalid("The policyArn parameter format is not valid");
  }
  if (!accessPolicies.includes(arn)) {
    throw eksError("ResourceNotFoundException", "The specified policyArn could not be found.");
  }
}

/** Measured; the response to another type is [inferred]. */
export function scopeOf(scope: { readonly type?: unknown; readonly namespaces?: readonly string[] }): AccessScope {
  const { type, namespaces = [] } = scope;
  if (type !== "cluster" && type !== "namespace") {
    throw invalid("accessScope type must be one of [cluster, namespace]");
  }
  if (type === "cluster" && namespaces.length > 0) {
    throw invalid("accessScope should not include namespaces if the type is not set as namespace");
  }
  if (type === "namespace" && namespaces.length === 0) {
    throw invalid("At least 1 namespace must be provided if the type is set as namespace");
  }
  return { type, namespaces };
}

/**
 * At most 50 tags, keys of 1 to 128 characters, values of at most 256: https://docs.aws.amazon.com/eks/latest/APIReference/API_AccessEntry.html;
 * keys of AWS: https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html. The texts are [inferred].
 */
export function checkTags(tags: Readonly<Record<string, string>>, code: EksErrorCode): void {
  const entries = Object.entries(tags);
  if (entries.length > 50) {
    throw eksError(code, "The number of tags exceeds the limit of 50");
  }
  for (const [key, value] of entries) {
    if (key.length < 1 || key.length > 128 || value.length > 256) {
      throw eksError(code, `The tag ${key} exceeds the limits: a key of 1 to 128 characters, a value of at most 256`);
    }
    if (/^aws:/i.test(key)) {
      throw eksError(code, `The tag key ${key} cannot start with aws:`);
    }
  }
}

/** The default username and groups of an entry. */
export function defaultsOf(type: string, principal: PrincipalArn): { username: string; groups: readonly string[] } {
  switch (type) {
    case "STANDARD": {
      // https://docs.aws.amazon.com/eks/latest/userguide/set-custom-username.html: a role loses its path, a user keeps it.
      const { account, kind, name, arn } = principal;
      const username = kind === "user" ? arn : `arn:aws:sts::${account}:assumed-role/${name}/{{SessionName}}`;
      return { username, groups: [] };
    }
    case "EC2_LINUX":
      // The group is in the examples of create-access-entry of the AWS CLI.
      return { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] };
    case "EC2_WINDOWS":
      // [inferred] from the groups that such nodes need in aws-auth.
      return { username: "system:node:{{EC2PrivateDNSName}}", groups: ["eks:kube-proxy-windows", "system:nodes"] };
    case "FARGATE_LINUX":
      // The username is in creating-access-entries; the groups are [inferred] from the entries that EKS writes to aws-auth.
      return { username: "system:node:{{SessionName}}", groups: ["system:node-proxier", "system:nodes"] };
    default:
      return { username: "system:node:{{SessionName}}", groups: ["system:nodes"] };
  }
}
