import { formatArn, parseIamArn, sameGroups, withoutPath } from "../mapping";

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

/** How two access entries differ: each property with both of its values, for display. */
export type AccessEntryDifferences = {
  readonly [name in keyof AccessEntryContent]?: { readonly before: string; readonly after: string };
};

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

export function sameAccessEntry(a: AccessEntryContent, b: AccessEntryContent): boolean {
  return Object.keys(differencesOf(a, b)).length === 0;
}

/**
 * What two access entries of one principal differ in; empty if they say the same. Groups, namespaces and policies are sets. The letter
 * case of the ARN does not count, since IAM has no two roles or users whose names differ only in that. Usernames and groups count only
 * where EKS does not give them itself.
 */
export function differencesOf(a: AccessEntryContent, b: AccessEntryContent): AccessEntryDifferences {
  const areOwn = hasOwnUser(a) && hasOwnUser(b);
  return {
    ...(!samePrincipalArn(a.principalArn, b.principalArn) && {
      principalArn: { before: a.principalArn, after: b.principalArn },
    }),
    ...(a.type !== b.type && { type: { before: a.type, after: b.type } }),
    ...(areOwn && usernameOf(a) !== usernameOf(b) && { username: { before: usernameOf(a), after: usernameOf(b) } }),
    ...(areOwn &&
      !sameGroups(a.groups, b.groups) && {
        groups: { before: listed(a.groups), after: listed(b.groups) },
      }),
    ...(!samePolicies(a.policies, b.policies) && {
      policies: { before: listed(a.policies.map(describePolicy)), after: listed(b.policies.map(describePolicy)) },
    }),
  };
}

/** Whether two ARNs, each with its path, name the same role or user. */
export function samePrincipalArn(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The access entry of a principal among those of its name: of several, the one with this very ARN. */
export function nearestEntry(entries: readonly LiveAccessEntry[], principalArn: string): LiveAccessEntry | undefined {
  return entries.find((entry) => samePrincipalArn(entry.principalArn, principalArn)) ?? entries[0];
}

export function samePolicies(a: readonly AccessPolicy[], b: readonly AccessPolicy[]): boolean {
  return includesPolicies(a, b) && includesPolicies(b, a);
}

/** Whether all of `policies` are among those of `whole`, with the same scope. */
export function includesPolicies(whole: readonly AccessPolicy[], policies: readonly AccessPolicy[]): boolean {
  return policies.every((policy) => whole.some((other) => samePolicy(policy, other)));
}

/** Whether two associations are of the same policy, with the same scope. */
export function samePolicy(a: AccessPolicy, b: AccessPolicy): boolean {
  if (a.policyArn !== b.policyArn) {
    return false;
  }
  return a.scope.type === "namespace" && b.scope.type === "namespace"
    ? sameGroups(a.scope.namespaces, b.scope.namespaces)
    : a.scope.type === b.scope.type;
}

/**
 * Whether an access entry is older than its role or user, and therefore dead: EKS keeps the principal's unique ID, which a principal
 * that was deleted and made again has no more, although its ARN is the same.
 *
 * @param principalCreatedAt the `CreateDate` of the role or user, which IAM gives in whole seconds, cut off. So both are compared in
 * whole seconds: what was made in the same one may be either.
 * @see https://github.com/aws/containers-roadmap/issues/2441
 */
export function isOlderThanPrincipal({ createdAt }: LiveAccessEntry, principalCreatedAt: Date): boolean {
  const secondOf = (date: Date) => Math.floor(date.getTime() / 1000);
  return secondOf(createdAt) < secondOf(principalCreatedAt);
}

/** What IAM tells of the role or user of an access entry. */
export type PrincipalAnswer =
  | {
      readonly kind: "found";
      /** With its path. */
      readonly arn: string;
      readonly createdAt: Date;
    }
  | { readonly kind: "missing" }
  | { readonly kind: "unknown" };

/**
 * Why an access entry lets nobody in any more, in a clause: EKS keeps it when its role or user goes.
 *
 * @param principal what IAM tells of the role or user of that name.
 * @returns undefined if it lets its principal in, or if IAM does not tell.
 */
export function deathOf(live: LiveAccessEntry, principal: PrincipalAnswer): string | undefined {
  if (principal.kind !== "found") {
    return principal.kind === "missing" ? "its role or user does not exist any more" : undefined;
  }
  if (!samePrincipalArn(principal.arn, live.principalArn)) {
    return `its role or user is ${principal.arn} now`;
  }
  return isOlderThanPrincipal(live, principal.createdAt)
    ? "its role or user was deleted and made again after it"
    : undefined;
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

/** Which access entry, as an entry of the map is told by its place. */
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
export function listed(items: readonly string[]): string {
  return `[${items.map((item) => item || '""').join(", ")}]`;
}
