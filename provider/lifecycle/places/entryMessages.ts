import {
  type AccessEntryContent,
  type AuthenticationMode,
  describeAccessEntry,
  describeDeath,
  isServiceLinkedRole,
  type LiveAccessEntry,
  type LiveEntryPlan,
  mappingOf,
  type TagClaim,
} from "../../accessEntries";
import type { EksCluster } from "../../cluster/eks/eksConnection";
import { AwsAuthError } from "../../errors";
import { describeMapping, type Mapping, parseIamArn } from "../../mapping";
import { quoted } from "../../text/text";
import {
  acceptChange,
  describeChangedEntry,
  describeHeldEntry,
  describeIdenticalEntry,
  describeSubject,
  describeTakenOverEntry,
  namesOf,
  takenFrom,
  wants,
} from "./messages";

/** Explains why an access entry of somebody else stands in the way, and the remedies. */
export function describeEntryConflict(
  { live, standing: { others }, isDead, canAdopt }: LiveEntryPlan,
  content: AccessEntryContent,
): string {
  const by = others.length === 0 ? "" : `, claimed by ${namesOf(others)}`;
  const says = isDead ? `it is ${describeDeath(live)}` : `it says ${describeAccessEntry(live)}${by}`;
  const way = canAdopt
    ? "set adopt: true to take it over, or delete it"
    : "EKS cannot change it in place, and it is not this package's to delete; delete it yourself, and run again";
  return `${subject(content)} has an access entry already; ${says}; this resource says ${describeAccessEntry(content)}; ${way}`;
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
  return describeHeldEntry(`the access entry of ${subject(content)}`, it, says, heldBy);
}

/** Reports that a new resource has its access entry already, and who else claims it. */
export function describeEntryIdentical({ standing, isFound }: LiveEntryPlan, content: AccessEntryContent): string {
  return describeIdenticalEntry(`${subject(content)} already has an identical access entry`, standing.others, !isFound);
}

/** Warns that a new resource changes the access entry of another one of its program, as after a new name. */
export function describeEntryOfProgram({ live, standing }: LiveEntryPlan, content: AccessEntryContent): string {
  return `the access entry of ${subject(content)} says ${describeAccessEntry(live)}, claimed by ${namesOf(standing.siblings)} of this program, or of another one of its name; this resource changes it to ${describeAccessEntry(content)}; if that one is not removed, each run changes it back`;
}

/** Explains that others have taken over an access entry, and the remedies. */
export function describeEntryTakenOver({ live, takenOverBy }: LiveEntryPlan, content: AccessEntryContent): string {
  const now = `it says ${describeAccessEntry(live)} now`;
  const entry = `the access entry of ${subject(content)}`;
  return describeTakenOverEntry(entry, now, describeAccessEntry(content), takenOverBy);
}

/** Explains that the role or user of an access entry is another one now, whose ARN is needed. */
export function describeMovedPrincipal({ principalArn }: AccessEntryContent, arn: string): string {
  return `arn ${quoted(principalArn)} does not exist any more, so that its access entry lets nobody in; IAM has ${quoted(arn)} now; give that ARN`;
}

/**
 * Reports in a refresh that an access entry is dead.
 *
 * @param isOthers whether somebody else made it.
 */
export function describeDeadEntry(content: AccessEntryContent, isOthers: boolean): string {
  const way = isOthers
    ? 'it is not this package\'s to delete; delete it yourself, and run "pulumi up"'
    : '"pulumi up" makes it again';
  return `the access entry of ${subject(content)} is ${describeDeath(content)}; ${way}`;
}

/** Reports that IAM does not tell when roles and users were made. */
export function describeUnknownPrincipals({ message }: AwsAuthError): string {
  return `an access entry whose role or user was deleted and made again lets nobody in, which this run may not see: ${message}`;
}

/** Reports that an access entry went while this run waited for it. */
export function describeEntryLost(content: AccessEntryContent): string {
  return `the access entry of ${subject(content)} was changed or deleted while this run waited until the cluster knows it, so the entry in aws-auth stays as it is; run again`;
}

/** Reports that the access entry of the run's own identity does not let it in. */
export function describeEntryShutsOut(mapping: Mapping): string {
  return `${describeSubject(mapping)} is the identity of this run, and the cluster does not let it in by its new access entry; aws-auth counts again once that is gone; compare its username and groups with what the run has today`;
}

/** Reports that somebody else wrote an access entry at the same time. */
export function describeEntryRaced(content: AccessEntryContent): string {
  return `the access entry of ${subject(content)} was changed or deleted by somebody else while this run wrote it; run again`;
}

/** Describes an adoption: the old and new content, and from whom it is taken. */
export function describeEntryTakeover(
  live: LiveAccessEntry,
  content: AccessEntryContent,
  displaced: readonly TagClaim[],
): string {
  return `${describeAccessEntry(live)} => ${describeAccessEntry(content)}${takenFrom(displaced)}`;
}

/** Reports who loses an access entry by an adoption. */
export function describeEntryDisplaced(content: AccessEntryContent, displaced: readonly TagClaim[]): string {
  return `the access entry of ${subject(content)} was taken over from ${namesOf(displaced)}, whose next preview reports that`;
}

/** Warns that an access entry has no room for a claim. */
export function describeFullTags(content: AccessEntryContent): string {
  return `the access entry of ${subject(content)} has no room for another tag (EKS allows 50): it is written without a claim, so that other stacks do not see its owner; remove tags that are no longer needed`;
}

/** Reports in a delete that the access entry stays because others claim it. */
export function describeEntryKept(content: AccessEntryContent, wantedBy: readonly TagClaim[]): string {
  return `the access entry of ${subject(content)} stays: ${namesOf(wantedBy)} ${wants(wantedBy)} it`;
}

/** Warns in a delete that those who have found the access entry do not learn that this resource made it. */
export function describeNotHandedOn(content: AccessEntryContent, { message }: AwsAuthError): string {
  return `the access entry of ${subject(content)} stays, and its tag says that the entry was found, though this resource made it: the last resource that wants it leaves it in EKS; delete it then: ${message}`;
}

/** Reports the deletion of an access entry whose claim was missing. */
export function describeEntryUnrecorded(content: AccessEntryContent): string {
  return `the access entry of ${subject(content)} was deleted although its tag was missing; other stacks that want it, and whose tags are missing as well, make it again with "pulumi up"`;
}

/** Reports in a delete that the access entry stays because the resource did not make it. */
export function describeEntryLeft(content: AccessEntryContent, because: "found" | "unclaimed"): string {
  const reason =
    because === "found" ? "it existed before this resource was created" : "no claim says that this resource created it";
  return `the access entry of ${subject(content)} stays and still gives access: ${reason}; delete it in EKS if nobody needs it`;
}

/** Tells of an access entry that an interrupted run has left beside aws-auth, and this run removes. */
export function describeLeftEntry(mapping: Mapping, says: string): string {
  return `${describeSubject(mapping)} is kept in aws-auth, and has an access entry that a run which did not finish has left; it takes precedence over aws-auth, and says ${says}; "pulumi up" removes it`;
}

/** Explains why a delete of an access entry is refused, and the remedies. */
export function describeEntryChanged(live: LiveAccessEntry, content: AccessEntryContent, at: EksCluster): string {
  // A refresh keeps what no mapping says out of the state.
  const way =
    mappingOf(live, { clusterAccount: at.account, partition: at.partition }) === undefined
      ? 'no mapping says that, so "pulumi refresh" cannot accept it; change it back in EKS, or run "pulumi up" with the mapping as it was, which restores it'
      : acceptChange;
  const now = `it says ${describeAccessEntry(live)} now`;
  const entry = `the access entry of ${subject(content)}`;
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

/** Warns that a role may have a path, without which EKS refuses its ARN. */
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

function subject({ principalArn }: AccessEntryContent): string {
  return `arn ${quoted(principalArn)}`;
}
