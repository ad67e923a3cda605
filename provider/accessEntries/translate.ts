import {
  bootstrappers,
  type Content,
  correctedArn,
  type IamArn,
  isAccountId,
  isForNodes,
  type Mapping,
  nodeProxiers,
  nodesGroup,
  parseIamArn,
  principalKey,
  superusers,
  windowsNodesGroup,
} from "../mapping";
import { quoted } from "../text/text";
import {
  type AccessEntryContent,
  type AccessEntryType,
  defaultUsername,
  hasOwnUser,
  isAdministrator,
  isServiceLinkedRole,
  type LiveAccessEntry,
  usernameOf,
} from "./accessEntry";
import { groupProblems, type RefusalReason, usernameProblems } from "./names";

export interface TranslationRefusal extends RefusalReason {
  readonly place: "arn" | "account" | "username" | "groups";
  /** Whether EKS itself creates the access entry, for the role of Fargate pods. */
  readonly isFargate?: true;
}

/** The access entry of a mapping, with the differences in effect, one clause each, or all reasons why it has none, by property. */
export type Translation =
  | { readonly kind: "entry"; readonly content: AccessEntryContent; readonly notes: readonly string[] }
  | { readonly kind: "refused"; readonly refusals: readonly [TranslationRefusal, ...TranslationRefusal[]] };

interface TranslationCluster {
  readonly account: string;
  readonly partition: string;
}

export const nodeGroups: readonly string[] = [bootstrappers, nodesGroup, nodeProxiers, windowsNodesGroup];

/**
 * Translates a mapping to the access entry with the same content. Pure: does not check whether the entry or its principal exists.
 *
 * @param principalArn the ARN of the role or user with its path, which a mapping lacks: from the program (`givenPrincipalArn`), or from
 * `iam:GetRole` in the principal's own account.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export function translate(mapping: Mapping, principalArn: string, cluster: TranslationCluster): Translation {
  const subject = `${mapping.kind === "account" ? "account" : "arn"} ${quoted(mapping.arn)}`;
  if (mapping.kind === "account") {
    const text = `${subject} cannot have an access entry, because an access entry is for one role or user`;
    return refused("account", text, "map each role and user of the account that needs access");
  }
  const arn = parseIamArn(principalArn);
  if (arn === undefined || !isAccountId(arn.account)) {
    const corrected = arn === undefined ? correctedArn(principalArn) : undefined;
    const text = `arn ${quoted(principalArn)} is not the ARN of an IAM role or user, which an access entry requires`;
    return refused(
      "arn",
      text,
      corrected === undefined ? "map the role or user that logs in" : `use ${quoted(corrected)}`,
    );
  }
  if (principalKey(principalArn) !== principalKey(mapping.arn)) {
    const text = `an access entry for ${quoted(principalArn)} would map a different identity than ${subject}`;
    return refused("arn", text, "specify the ARN of the role with its path");
  }
  if (arn.partition !== cluster.partition) {
    const text = `${subject} is in partition "${arn.partition}", but the cluster is in "${cluster.partition}", so this identity can never log in`;
    return refused("arn", text, "map a role or user of the cluster's partition");
  }
  if (isServiceLinkedRole(arn)) {
    const text = `${subject} belongs to an AWS service, and only that service can create its access entry`;
    const remedy = "remove the mapping (the service creates its own access entry), or keep it in aws-auth";
    return refused("arn", text, remedy);
  }
  return nodeTranslation(mapping, arn, principalArn, cluster) ?? standardTranslation(mapping, principalArn, cluster);
}

function refused(place: TranslationRefusal["place"], text: string, remedy: string): Translation {
  return { kind: "refused", refusals: [{ place, text, remedy }] };
}

function entryUnlessRefused(
  [refusal, ...more]: readonly TranslationRefusal[],
  content: AccessEntryContent,
  notes: readonly string[],
): Translation {
  return refusal === undefined ? { kind: "entry", content, notes } : { kind: "refused", refusals: [refusal, ...more] };
}

function nodeTranslation(
  mapping: Mapping,
  arn: IamArn,
  principalArn: string,
  cluster: TranslationCluster,
): Translation | undefined {
  const { username, groups } = mapping;
  if (!isForNodes(mapping)) {
    return undefined;
  }
  const subject = `arn ${quoted(mapping.arn)}`;
  if (username === sessionNodeUsername) {
    return sessionNodeRefusal(subject, groups);
  }
  if (username !== nodeUsername) {
    return undefined;
  }
  const refusals: TranslationRefusal[] = [];
  if (arn.kind === "user") {
    refusals.push({
      place: "arn",
      text: `${subject} is a user, but nodes log in with a role`,
      remedy: "map the role of the instances",
    });
  } else if (arn.account !== cluster.account) {
    refusals.push({
      place: "arn",
      text: `${subject} belongs to account ${arn.account}, but EKS accepts nodes only from the cluster's account, ${cluster.account}`,
      remedy: `run these nodes with a role of account ${cluster.account}, or keep the mapping in aws-auth`,
    });
  }
  const further = [...new Set(groups)].filter((group) => !ec2Groups.includes(group));
  if (further.length > 0) {
    refusals.push({
      place: "groups",
      text: `${further.length === 1 ? "group" : "groups"} ${further.map(quoted).join(", ")} cannot be set in an access entry for nodes, because EKS sets their groups`,
      remedy: `remove ${further.length === 1 ? "it" : "them"} from the mapping`,
    });
  }
  const type: AccessEntryType = groups.includes(windowsNodesGroup) ? "EC2_WINDOWS" : "EC2_LINUX";
  const content = { principalArn, type, username: undefined, groups: [], policies: [] };
  return entryUnlessRefused(refusals, content, [`nodes get an access entry of type ${type}, whose groups EKS sets`]);
}

/** The content that nodes with this type of access entry have in aws-auth; undefined for types without a mapping. */
export function nodeContent(type: AccessEntryType): Content | undefined {
  const groups = [bootstrappers, nodesGroup, ...(type === "EC2_WINDOWS" ? [windowsNodesGroup] : [])];
  return type === "EC2_LINUX" || type === "EC2_WINDOWS" ? { username: nodeUsername, groups } : undefined;
}

const nodeUsername = defaultUsername("", "EC2_LINUX") ?? "";
const sessionNodeUsername = defaultUsername("", "FARGATE_LINUX");
/** The groups of EC2 nodes, of which only the last one affects the type. */
const ec2Groups: readonly string[] = [bootstrappers, nodesGroup, windowsNodesGroup];
const fargateGroups: readonly string[] = [bootstrappers, nodesGroup, nodeProxiers];

/**
 * Refuses nodes named by their session: Fargate, hybrid nodes, and EC2 instances named by their ID. Only Fargate has a
 * distinctive group.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-cluster-prep.html
 */
function sessionNodeRefusal(subject: string, groups: readonly string[]): Translation | undefined {
  if (groups.some((group) => !fargateGroups.includes(group))) {
    return undefined;
  }
  if (fargateGroups.every((group) => groups.includes(group))) {
    const text = `${subject} is the role of Fargate pods, whose access entry EKS creates`;
    const remedy = "keep the mapping in aws-auth until that access entry exists";
    return { kind: "refused", refusals: [{ place: "arn", text, remedy, isFargate: true }] };
  }
  return refused(
    "username",
    `username ${quoted(sessionNodeUsername)} is for hybrid nodes and others named after their session, which require a different type of access entry`,
    "create the access entry manually (type HYBRID_LINUX for hybrid nodes), or keep the mapping in aws-auth",
  );
}

function standardTranslation(mapping: Mapping, principalArn: string, { partition }: TranslationCluster): Translation {
  const username = mapping.username || undefined;
  const groups = [...new Set(mapping.groups)];
  const on = (place: TranslationRefusal["place"]) => (problem: RefusalReason) => ({ place, ...problem });
  const refusals = [
    ...usernameProblems(username ?? "").map(on("username")),
    ...groups.flatMap(groupProblems).map(on("groups")),
  ];
  const isSuperuser = groups.includes(superusers);
  const policyArn = `arn:${partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`;
  const content: AccessEntryContent = {
    principalArn,
    type: "STANDARD",
    username,
    groups: groups.filter((group) => group !== superusers),
    policies: isSuperuser ? [{ policyArn, scope: { type: "cluster" } }] : [],
  };
  const defaultNote = `without a username, aws-auth uses an empty username, and the access entry uses ${quoted(defaultUsername(principalArn, "STANDARD"))}`;
  const policyNote = `group "${superusers}" is replaced with the access policy AmazonEKSClusterAdminPolicy; bindings and admission exemptions for the group no longer apply, and "kubectl auth can-i --list" and impersonation do not show its rights`;
  const notes = [...(username === undefined ? [defaultNote] : []), ...(isSuperuser ? [policyNote] : [])];
  return entryUnlessRefused(refusals, content, notes);
}

/**
 * Translates an access entry to the content of a mapping. Ignores access policies other than the administrators'.
 *
 * @param username the username in the mapping. The default name of EKS is treated as omitted unless it equals this one.
 * @returns undefined for a type without a mapping.
 */
export function contentIn(live: LiveAccessEntry, username: string): Content | undefined {
  const { type, principalArn } = live;
  if (!hasOwnUser(live)) {
    return nodeContent(type);
  }
  const name = usernameOf(live);
  return {
    username: name === defaultUsername(principalArn, type) && name !== username ? "" : name,
    groups: [...live.groups, ...(isAdministrator(live) ? [superusers] : [])],
  };
}
