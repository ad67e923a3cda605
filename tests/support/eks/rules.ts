import { accessPolicyName, isForServices } from "./accessPolicies.ts";
import { type AwsError, eksError, invalid } from "./awsError.ts";
import { type PrincipalArn, parsePrincipalArn } from "./principals.ts";
import type { AccessScope } from "./state.ts";

/*
 * The rules of access entries that need no state. Each returns for what is right, and throws what EKS answers otherwise. Texts are
 * EKS's own, as the issue or page beside them has it; [inferred] marks what no source shows. "Measured" is what the authors of
 * https://github.com/badmintoncryer/cdk-preflight (rules/eks) got from EKS itself on 2026-09-25.
 */

/** Types of access entries, in the order in which EKS lists them. */
export const entryTypes = [
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

/** The principal of an entry: an IAM role or user. EKS says no more of what it is not, an assumed role for example. */
export function principalOf(arn: string): PrincipalArn {
  const principal = parsePrincipalArn(arn);
  if (principal === undefined) {
    throw invalid("The principalArn parameter format is not valid");
  }
  return principal;
}

/** Measured: the ARN alone decides. https://github.com/hashicorp/terraform-provider-aws/issues/36447 */
export function checkServiceLinked({ path }: PrincipalArn): void {
  if (isServiceLinked({ path })) {
    throw invalid(
      "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role",
    );
  }
}

/** Whether a role belongs to an AWS service. */
export function isServiceLinked({ path }: Pick<PrincipalArn, "path">): boolean {
  return path.startsWith("/aws-service-role/");
}

/** https://github.com/aws/aws-cdk/pull/31147, from when there were four. */
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

/** What the types of nodes are refused. Measured, but that HYPERPOD_LINUX is like the others, and all like EC2_LINUX, is [inferred]. */
export function checkNode(
  type: string,
  principal: PrincipalArn,
  account: string,
  given: { readonly username: string | undefined; readonly groups: readonly string[] },
): void {
  if (type === "STANDARD") {
    return;
  }
  const types = entryTypes.filter((known) => known !== "STANDARD" && known !== "HYPERPOD_LINUX").join(", ");
  if (principal.kind !== "role") {
    throw invalid(`AccessEntry principalArn must be IAM role when using types [${types}]`);
  }
  if (principal.account !== account) {
    throw invalid(`AccessEntry principalArn must be from the same account as the cluster when using types [${types}]`);
  }
  if (given.username !== undefined) {
    throw invalid(`The specified username is invalid: setting username is not allowed when the type is "${type}"`);
  }
  if (given.groups.length > 0) {
    throw invalid(
      `The specified kubernetesGroups is invalid: setting kubernetesGroups is not allowed when the type is "${type}"`,
    );
  }
}

/**
 * UpdateAccessEntry and AssociateAccessPolicy on a node. https://github.com/aws-controllers-k8s/community/issues/2144,
 * https://github.com/aws/aws-cdk/issues/29393. EC2, of Auto Mode, has a policy of its own:
 * https://github.com/terraform-aws-modules/terraform-aws-eks/pull/3281
 */
export function checkStandard(type: string, alsoAllowed?: "EC2"): void {
  if (type !== "STANDARD" && type !== alsoAllowed) {
    throw invalid('This operation can only be performed on Access Entries with a type of "STANDARD".');
  }
}

/**
 * Measured: a policy of another service has no valid format; one of EKS that does not exist, or not in this partition, is not found.
 * https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html says whom some policies are for.
 */
export function checkPolicy(arn: string, partition: string): void {
  if (!/^arn:[^:]+:eks:/.test(arn)) {
    throw invalid("The policyArn parameter format is not valid");
  }
  const name = accessPolicyName(partition, arn);
  if (name === undefined) {
    throw eksError("ResourceNotFoundException", "The specified policyArn could not be found.");
  }
  if (isForServices(name)) {
    throw invalid(`The access policy ${arn} can only be associated with a Service Linked Role`); // [inferred]
  }
}

/** Measured; the answer to another type is [inferred]. */
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
export function checkTags(
  tags: Readonly<Record<string, string>>,
  refuse: (message: string) => AwsError = invalid,
): void {
  const entries = Object.entries(tags);
  if (entries.length > 50) {
    throw refuse("The number of tags exceeds the limit of 50");
  }
  for (const [key, value] of entries) {
    if (key.length < 1 || key.length > 128 || value.length > 256) {
      throw refuse(`The tag ${key} exceeds the limits: a key of 1 to 128 characters, a value of at most 256`);
    }
    if (/^aws:/i.test(key)) {
      throw refuse(`The tag key ${key} cannot start with aws:`);
    }
  }
}

/** The username and groups that EKS gives an entry. */
export function defaultsOf(type: string, principal: PrincipalArn): { username: string; groups: readonly string[] } {
  switch (type) {
    case "STANDARD": {
      // https://docs.aws.amazon.com/eks/latest/userguide/set-custom-username.html: a role loses its path, a user keeps it.
      const { partition, account, kind, name, arn } = principal;
      const username = kind === "user" ? arn : `arn:${partition}:sts::${account}:assumed-role/${name}/{{SessionName}}`;
      return { username, groups: [] };
    }
    case "EC2_LINUX":
    case "EC2":
      // The group of EC2_LINUX is in the examples of create-access-entry of the AWS CLI; for EC2 it is [inferred].
      return { username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:nodes"] };
    case "EC2_WINDOWS":
      // [inferred] from what such nodes need in aws-auth.
      return { username: "system:node:{{EC2PrivateDNSName}}", groups: ["eks:kube-proxy-windows", "system:nodes"] };
    case "FARGATE_LINUX":
      // The username is in creating-access-entries; the groups are [inferred] from what EKS writes to aws-auth.
      return { username: "system:node:{{SessionName}}", groups: ["system:node-proxier", "system:nodes"] };
    default:
      return { username: "system:node:{{SessionName}}", groups: ["system:nodes"] };
  }
}
