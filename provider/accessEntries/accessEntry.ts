import { formatArn, parseIamArn, withoutPath } from "../mapping";
import { superusers } from "../rbac";

/** The type of an access entry. It never changes. Only `STANDARD` has a username and groups of one's own. */
export const accessEntryTypes = [
  "STANDARD",
  "EC2_LINUX",
  "EC2_WINDOWS",
  "FARGATE_LINUX",
  "EC2",
  "HYBRID_LINUX",
  "HYPERPOD_LINUX",
] as const;

export type AccessEntryType = (typeof accessEntryTypes)[number];

/** An access policy of EKS that is associated with an access entry. An entry has each policy once. */
export interface AccessPolicy {
  readonly policyArn: string;
  /** Where it applies; the namespaces are a set. */
  readonly scope: { readonly type: "cluster" } | { readonly type: "namespace"; readonly namespaces: readonly string[] };
}

export interface AccessEntryContent {
  /** ARN of the role or user, with the role's path. It never changes. */
  readonly principalArn: string;
  readonly type: AccessEntryType;
  /** Undefined, only in what is wanted: the {@link usernameOf name that EKS gives}. */
  readonly username: string | undefined;
  /** Kubernetes groups; a set. Empty in what is wanted of another type than `STANDARD`, since EKS gives those. */
  readonly groups: readonly string[];
  /** A set, by the ARN of the policy. */
  readonly policies: readonly AccessPolicy[];
}

export interface LiveAccessEntry extends AccessEntryContent {
  readonly username: string;
  /** ARN of the entry itself, which tags are set on. */
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

/** Whether a type of access entry has a username and groups of one's own. EKS refuses them, and gives its own, for all others. */
export function hasOwnUser({ type }: Pick<AccessEntryContent, "type">): boolean {
  return type === "STANDARD";
}

/** The username of an access entry: its own, or else the one that EKS gives. */
export function usernameOf({ username, principalArn, type }: AccessEntryContent): string {
  return username ?? defaultUsername(principalArn, type) ?? "";
}

/** Whether an access entry makes an administrator of the whole cluster, as `system:masters` does in aws-auth. */
export function isAdministrator({ policies }: Pick<AccessEntryContent, "policies">): boolean {
  return policies.some(
    ({ policyArn, scope }) =>
      scope.type === "cluster" && policyArn.endsWith(":cluster-access-policy/AmazonEKSClusterAdminPolicy"),
  );
}

/**
 * The username that EKS gives an access entry that asks for none. The name of a role has no path.
 *
 * @returns undefined if it is not documented for the type, or if the ARN is not that of a role or user.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export function defaultUsername(principalArn: string, type: AccessEntryType): string | undefined {
  if (type === "EC2_LINUX" || type === "EC2_WINDOWS") {
    return "system:node:{{EC2PrivateDNSName}}";
  }
  if (type === "FARGATE_LINUX" || type === "HYBRID_LINUX") {
    return "system:node:{{SessionName}}";
  }
  const arn = parseIamArn(principalArn);
  if (type !== "STANDARD" || arn.kind === "invalid") {
    return undefined;
  }
  const { partition, account, name } = withoutPath(arn);
  return arn.kind === "user" ? formatArn(arn) : `arn:${partition}:sts::${account}:assumed-role/${name}/{{SessionName}}`;
}

/** Whether two access entries of a principal give the same user and groups, whatever other access policies they have. */
export function sameAccessEntry(a: AccessEntryContent, b: AccessEntryContent): boolean {
  return differencesOf(a, b).length === 0;
}

/** What two access entries differ in, in the words of a mapping, one clause each: `groups [a] instead of [b]`. */
export function differencesOf(a: AccessEntryContent, b: AccessEntryContent): readonly string[] {
  if (a.type !== b.type) {
    return [`type ${a.type} instead of ${b.type}`];
  }
  const [left, right] = [propertiesOf(a), propertiesOf(b)];
  return left.flatMap(([name, value], index) => {
    const other = right[index]?.[1] ?? "";
    return value === other ? [] : [`${name} ${value} instead of ${other}`];
  });
}

/** The properties of an entry that make its user. EKS itself gives username and groups to all types but `STANDARD`. */
function propertiesOf(content: AccessEntryContent): readonly (readonly [name: string, value: string])[] {
  const groups = [...content.groups, ...(isAdministrator(content) ? [superusers] : [])];
  return [
    // IAM has no two roles or users whose names differ only in letter case.
    ["principalArn", content.principalArn.toLowerCase()],
    ...(hasOwnUser(content)
      ? ([
          ["username", usernameOf(content)],
          ["groups", listed([...new Set(groups)].sort())],
        ] as const)
      : []),
  ];
}

/** The content of an access entry, for messages: `username "dev", groups ["a"], policy AmazonEKSViewPolicy (namespaces dev)`. */
export function describeAccessEntry(content: AccessEntryContent): string {
  const { type, groups, policies } = content;
  const names = groups.map((group) => JSON.stringify(group)).join(", ");
  const user = [`username ${JSON.stringify(usernameOf(content))}`, names === "" ? "no groups" : `groups [${names}]`];
  return [
    ...(hasOwnUser(content) ? user : [`type ${type}`]),
    ...(policies.length === 0
      ? []
      : [`${policies.length === 1 ? "policy" : "policies"} ${policies.map(describePolicy).sort().join(", ")}`]),
  ].join(", ");
}

/** The name of an access entry in messages, like the place of an entry of the map. */
export function accessEntryPlace({ principalArn }: Pick<LiveAccessEntry, "principalArn">): string {
  return `access entry of ${principalArn}`;
}

/** The name of an access policy, which is the end of its ARN in every partition. */
export function policyName(policyArn: string): string {
  return policyArn.slice(policyArn.lastIndexOf("/") + 1);
}

/** A policy by name, with its scope: `AmazonEKSClusterAdminPolicy (cluster)`. */
function describePolicy({ policyArn, scope }: AccessPolicy): string {
  const where = scope.type === "cluster" ? "cluster" : `namespaces ${[...new Set(scope.namespaces)].sort().join(", ")}`;
  return `${policyName(policyArn)} (${where})`;
}

/** Groups, for messages. A YAML 1.1 reader turns an unquoted y, no or 123 into an empty name. */
function listed(items: readonly string[]): string {
  return `[${items.map((item) => item || '""').join(", ")}]`;
}
