import { describeContent, formatArn, type IamArn, parseIamArn, principalKey, superusers } from "../mapping";

/** Where a mapping is stored, or a cluster finds identities: aws-auth, both, or access entries. The values are those of EKS. */
export type AuthenticationMode = "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API";

export const authenticationModes = [
  "CONFIG_MAP",
  "API_AND_CONFIG_MAP",
  "API",
] as const satisfies readonly AuthenticationMode[];

/** The type of an access entry, which never changes. Only in type `STANDARD` can username and groups be set. */
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

/** An EKS access policy associated with an access entry. An entry has each policy at most once. */
export interface AccessPolicy {
  readonly policyArn: string;
  /** The scope; its namespaces are a set. */
  readonly scope: { readonly type: "cluster" } | { readonly type: "namespace"; readonly namespaces: readonly string[] };
}

export interface AccessEntryContent {
  /** The ARN of the role or user, with the role's path. It never changes. */
  readonly principalArn: string;
  readonly type: AccessEntryType;
  /** Undefined, only in wanted content, for the {@link usernameOf default name} from EKS. */
  readonly username: string | undefined;
  /** Kubernetes groups; a set. Empty in wanted content unless the type is `STANDARD`, since EKS sets those of other types. */
  readonly groups: readonly string[];
  /** A set, identified by the ARN of the policy. */
  readonly policies: readonly AccessPolicy[];
  /** Why it grants no access; undefined if it does, or if IAM was not queried. */
  readonly death?: EntryDeath | undefined;
}

export interface EntryDeath {
  /**
   * - `recreated`: IAM has another role or user of the same ARN now, which a new entry lets in
   * - `absent`: IAM has no role or user of this ARN
   */
  readonly kind: "recreated" | "absent";
  readonly text: string;
}

export interface IamPrincipal {
  /** With the path. */
  readonly arn: string;
  readonly createdAt: Date;
  /** Undefined for a user. */
  readonly role?: {
    /** The last request of the role to AWS. IAM keeps it for 400 days; undefined if there was none since. */
    readonly lastUsed: { readonly at: Date; readonly region: string | undefined } | undefined;
    /** Who may assume the role: JSON, URL-encoded by IAM. */
    readonly trustPolicy: string;
  };
}

/**
 * Why an access entry grants no access; undefined if it does. EKS stores the unique ID of the principal, which it does not show, and which
 * changes if the principal is recreated. IAM dates are in whole seconds, so the same second proves nothing.
 *
 * @param principal the role or user that IAM has under the name; undefined if there is none.
 * @see https://github.com/aws/containers-roadmap/issues/2441
 */
export function deathOf(
  { principalArn, createdAt }: Pick<LiveAccessEntry, "principalArn" | "createdAt">,
  principal: IamPrincipal | undefined,
): EntryDeath | undefined {
  if (principal === undefined) {
    return { kind: "absent", text: notInIam };
  }
  if (principal.arn.toLowerCase() !== principalArn.toLowerCase()) {
    return { kind: "absent", text: `the ARN of the role or user is now ${principal.arn}` };
  }
  const isOlder = Math.floor(createdAt.getTime() / 1000) < Math.floor(principal.createdAt.getTime() / 1000);
  return isOlder
    ? { kind: "recreated", text: "the role or user was recreated after the access entry was created" }
    : undefined;
}

export const notInIam = "IAM has no role or user with this name";

/**
 * Why IAM does not have the role or user of a mapping, as a clause; undefined if it has.
 *
 * @param arn the ARN in aws-auth, where the path of a user matters and that of a role does not, or the ARN of an access entry.
 * @param isEntry whether it is that of an access entry, where both paths matter.
 */
export function absenceOf(arn: string, principal: IamPrincipal | undefined, isEntry = false): string | undefined {
  if (principal === undefined) {
    return notInIam;
  }
  const comparable = isEntry ? (text: string) => text.toLowerCase() : principalKey;
  return comparable(principal.arn) === comparable(arn) ? undefined : `its ARN in IAM is ${principal.arn}`;
}

export interface LiveAccessEntry extends AccessEntryContent {
  readonly username: string;
  /** The ARN of the entry itself, to which tags belong. */
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

/** Whether username and groups can be set for a type of access entry. EKS sets them itself for all other types. */
export function hasOwnUser({ type }: Pick<AccessEntryContent, "type">): boolean {
  return type === "STANDARD";
}

/** The username, or the default of EKS without one. EKS shows that default; some emulators show an empty name. */
export function usernameOf({ username, principalArn, type }: AccessEntryContent): string {
  return username || (defaultUsername(principalArn, type) ?? "");
}

/** Whether an access entry grants administrator rights on the whole cluster, as `system:masters` does in aws-auth. */
export function isAdministrator({ policies }: Pick<AccessEntryContent, "policies">): boolean {
  return policies.some(isAdministratorPolicy);
}

/** Whether a policy alone grants these rights, which the group `system:masters` of a mapping declares. */
export function isAdministratorPolicy({ policyArn, scope }: AccessPolicy): boolean {
  return scope.type === "cluster" && policyArn.endsWith(":cluster-access-policy/AmazonEKSClusterAdminPolicy");
}

/**
 * The default username of EKS for an access entry without one. The role name in it has no path.
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
  if (type !== "STANDARD" || arn === undefined) {
    return undefined;
  }
  const { partition, account, name } = arn;
  return arn.kind === "user" ? formatArn(arn) : `arn:${partition}:sts::${account}:assumed-role/${name}/{{SessionName}}`;
}

/** Whether two access entries of a principal map it to the same user and groups, ignoring other access policies. */
export function sameAccessEntry(a: AccessEntryContent, b: AccessEntryContent): boolean {
  return differencesOf(a, b).length === 0;
}

/** The differences between two access entries as properties of a mapping, one clause each: `groups [a] instead of [b]`. */
export function differencesOf(a: AccessEntryContent, b: AccessEntryContent): readonly string[] {
  if (a.type !== b.type) {
    return [`type ${a.type} instead of ${b.type}`];
  }
  const others = propertiesOf(b);
  return Object.entries(propertiesOf(a)).flatMap(([name, value]) =>
    value === others[name] ? [] : [`${name} ${value} instead of ${others[name]}`],
  );
}

/** The properties that determine an entry's user. Except for type `STANDARD`, EKS sets username and groups itself. */
function propertiesOf(content: AccessEntryContent): Readonly<Record<string, string>> {
  const groups = new Set([...content.groups, ...(isAdministrator(content) ? [superusers] : [])]);
  // An empty name may come from an unquoted y, no or 123 in YAML 1.1.
  const names = [...groups].sort().map((group) => group || '""');
  const user = { username: usernameOf(content), groups: `[${names.join(", ")}]` };
  // IAM names are unique regardless of letter case.
  return { principalArn: content.principalArn.toLowerCase(), ...(hasOwnUser(content) && user) };
}

/** The content of an access entry, for messages: `username "dev", groups ["a"], policy AmazonEKSViewPolicy (namespaces dev)`. */
export function describeAccessEntry(content: AccessEntryContent): string {
  const { type, groups, policies } = content;
  return [
    hasOwnUser(content) ? describeContent({ username: usernameOf(content), groups }) : `type ${type}`,
    ...(policies.length === 0
      ? []
      : [`${policies.length === 1 ? "policy" : "policies"} ${policies.map(policyWithScope).sort().join(", ")}`]),
  ].join(", ");
}

/** The name of an access entry in messages, like the position of an entry in the map. */
export function accessEntryPlace({ principalArn }: Pick<LiveAccessEntry, "principalArn">): string {
  return `access entry for ${principalArn}`;
}

/** The name of an access policy, which ends its ARN in every partition. */
export function policyName(policyArn: string): string {
  return policyArn.slice(policyArn.lastIndexOf("/") + 1);
}

function policyWithScope({ policyArn, scope }: AccessPolicy): string {
  const where = scope.type === "cluster" ? "cluster" : `namespaces ${[...new Set(scope.namespaces)].sort().join(", ")}`;
  return `${policyName(policyArn)} (${where})`;
}

/**
 * Whether a role belongs to an AWS service. Only the service can create an access entry for it.
 *
 * In aws-auth such a role has no path, so only its name identifies it. A role with another path is an ordinary role.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export function isServiceLinkedRole({ kind, path, name }: IamArn): boolean {
  return kind === "role" && (path === "" ? /^AWSServiceRoleFor/i.test(name) : /^aws-service-role\//i.test(path));
}

/**
 * The ARN of a program with the role's path, which an access entry needs and `check` removes for aws-auth. Undefined if only IAM knows
 * whether the role has a path.
 */
export function givenPrincipalArn(given: string, mapped: string): string | undefined {
  const arn = parseIamArn(given);
  const isWhole = arn?.kind === "user" || arn?.path !== "";
  return arn && isWhole && principalKey(given) === principalKey(mapped) ? formatArn(arn) : undefined;
}
