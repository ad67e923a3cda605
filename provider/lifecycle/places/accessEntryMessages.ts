import {
  type AccessEntryContent,
  type AuthenticationMode,
  describeAccessEntry,
  describeDeath,
  isServiceLinkedRole,
  type LiveAccessEntry,
  type LiveEntryPlan,
  mappingOf,
} from "../../accessEntries";
import type { EksCluster } from "../../cluster/eks/eksConnection";
import { AwsAuthError } from "../../errors";
import { describeMapping, type Mapping, parseIamArn } from "../../mapping";
import { quoted } from "../../text/text";
import {
  acceptChange,
  claimedBy,
  describeChangedEntry,
  describeHeldEntry,
  describeIdenticalEntry,
  describeTakenOverEntry,
  namesOf,
} from "./messages";

export function describeEntryConflict(
  { live, standing: { others }, isDead, canAdopt }: LiveEntryPlan,
  content: AccessEntryContent,
): string {
  const says = isDead ? `it is ${describeDeath(live)}` : `it says ${describeAccessEntry(live)}${claimedBy(others)}`;
  const way = canAdopt
    ? "set adopt: true to take it over, or delete it"
    : "EKS cannot change it in place, and it is not this package's to delete; delete it yourself, and run again";
  return `arn ${quoted(content.principalArn)} has an access entry already; ${says}; this resource says ${describeAccessEntry(content)}; ${way}`;
}

/**
 * Explains that others want an access entry as it is, and the remedies.
 *
 * @param mapping what the resource is to say in aws-auth, if it goes back there.
 */
export function describeEntryHeld(
  { live, heldBy }: Pick<LiveEntryPlan, "live" | "heldBy">,
  content: AccessEntryContent,
  mapping?: Mapping,
): string {
  const says = mapping === undefined ? describeAccessEntry(content) : `${describeMapping(mapping)} in aws-auth`;
  const it = `it as it is (${describeAccessEntry(live)})`;
  return describeHeldEntry(entryOf(content), it, says, heldBy);
}

/** Reports that a new resource has its access entry already, and who else claims it. */
export function describeEntryIdentical({ standing, isFound }: LiveEntryPlan, content: AccessEntryContent): string {
  const entry = `arn ${quoted(content.principalArn)} already has an identical access entry`;
  return describeIdenticalEntry(entry, standing.others, !isFound);
}

/** Warns that a new resource changes the access entry of another one of its program, as after a new name. */
export function describeEntryOfProgram({ live, standing }: LiveEntryPlan, content: AccessEntryContent): string {
  return `${entryOf(content)} says ${describeAccessEntry(live)}, claimed by ${namesOf(standing.siblings)} of this program, or of another one of its name; this resource changes it to ${describeAccessEntry(content)}; if that one is not removed, each run changes it back`;
}

export function describeEntryTakenOver({ live, takenOverBy }: LiveEntryPlan, content: AccessEntryContent): string {
  const now = `it says ${describeAccessEntry(live)} now`;
  const entry = entryOf(content);
  return describeTakenOverEntry(entry, now, describeAccessEntry(content), takenOverBy);
}

export function describeEntryLeft(content: AccessEntryContent, because: "found" | "unclaimed"): string {
  const reason =
    because === "found" ? "it existed before this resource was created" : "no claim says that this resource created it";
  return `${entryOf(content)} stays and still gives access: ${reason}; delete it in EKS if nobody needs it`;
}

/** Reports in a delete that the tag of the resource's claim was missing. */
export function describeEntryUnrecorded(content: AccessEntryContent): string {
  return `${entryOf(content)} was deleted although the tag of its claim is missing, as after a delete that failed; other stacks that want it, and whose tags are missing as well, make it again with "pulumi up"`;
}

export function describeEntryChanged(live: LiveAccessEntry, content: AccessEntryContent, at: EksCluster): string {
  // A refresh keeps what no mapping says out of the state.
  const way =
    mappingOf(live, { clusterAccount: at.account, partition: at.partition }) === undefined
      ? 'no mapping says that, so "pulumi refresh" cannot accept it; change it back in EKS, or run "pulumi up" with the mapping as it was, which restores it'
      : acceptChange;
  const now = `it says ${describeAccessEntry(live)} now`;
  const entry = entryOf(content);
  return describeChangedEntry(entry, "deleted", describeAccessEntry(content), now, way);
}

/** Explains that the cluster's authentication mode does not allow that of a mapping; undefined if it does. */
export function describeModeMismatch(mode: AuthenticationMode, cluster: EksCluster, label: string): string | undefined {
  const { authenticationMode } = cluster;
  if (mode === "CONFIG_MAP" || authenticationMode === mode || (mode === "API" && authenticationMode !== "CONFIG_MAP")) {
    return undefined;
  }
  const rule =
    authenticationMode === "CONFIG_MAP"
      ? "which has no access entries; set accessConfig.authenticationMode of the aws.eks.Cluster to API_AND_CONFIG_MAP and update it first; EKS does not let you undo that"
      : "which ignores aws-auth; set authenticationMode of the mapping, or aws-auth:authenticationMode of the stack, to API";
  return `authenticationMode ${mode} needs another mode of the cluster: ${label} has ${authenticationMode}, ${rule}`;
}

export function describeUnknownPath(principalArn: string, { account }: EksCluster): string {
  const asked =
    principalArn.split(":")[4] === account
      ? `IAM does not know the role in account ${account}, or does not let this run ask (iam:GetRole)`
      : `IAM tells this run only of roles of account ${account}`;
  return `arn ${quoted(principalArn)} has no path, and whether the role has one is not known: ${asked}; if it has one, give the ARN with it, since EKS refuses the ARN without`;
}

/**
 * Explains that a cluster ignores the mapping of an AWS service's role, which cannot move to an access entry as others do.
 *
 * @param error why the map cannot be used. Returned as it is for any other mapping.
 */
export function explainIgnored(error: AwsAuthError, mapping: Mapping | undefined): AwsAuthError {
  const arn = mapping === undefined || mapping.kind === "account" ? undefined : parseIamArn(mapping.arn);
  if (mapping?.kind !== "role" || arn === undefined || arn.kind === "invalid" || !isServiceLinkedRole(arn)) {
    return error;
  }
  const [ignored = ""] = error.message.split("; ");
  return new AwsAuthError(
    error.code,
    `${ignored}; arn ${quoted(mapping.arn)} is the role of an AWS service, for which EKS refuses an access entry of anybody else; remove the mapping, and let the service make its own access entry`,
  );
}

/** The access entry of a principal, for messages. */
export function entryOf({ principalArn }: Pick<AccessEntryContent, "principalArn">): string {
  return `the access entry of arn ${quoted(principalArn)}`;
}
