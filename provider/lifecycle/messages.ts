import { describeLastWrite } from "../awsAuthMap";
import type { Claim } from "../claims";
import { AwsAuthError, type AwsAuthErrorCode } from "../errors";
import { describeContent, type Mapping } from "../mapping";
import { parseUrn } from "../pulumi/values";
import { plural, quoted } from "../text/text";
import type { Step } from "./plan";
import { principalProperty, type ResourceState } from "./state";
import {
  type Accepted,
  type Drift,
  type Note,
  otherPlace,
  type PlaceName,
  type Refusal,
  type ReleaseNote,
  type SeenEntry,
} from "./types";

/** The subject of a mapping, for messages: `arn "…"` or `account "…"`. */
export function describeSubject({ kind, arn }: Mapping): string {
  return `${kind === "account" ? kind : "arn"} ${quoted(arn)}`;
}

/** The owners of claims, for messages: `"infra/prod admin" and "apps/prod ops"`. */
export function ownersOfClaims(claims: readonly Pick<Claim, "owner">[]): string {
  return [...new Set(claims.map(({ owner }) => quoted(owner)))].sort().join(" and ");
}

function claimedBy(claims: readonly Claim[]): string {
  return claims.length === 0 ? "" : `, claimed by ${ownersOfClaims(claims)}`;
}

function describeEntries(entries: readonly SeenEntry[]): string {
  return entries.map(({ position, content }) => `${position}: ${describeContent(content)}`).join("; ");
}

export function describeDuplicates(entries: readonly SeenEntry[]): string {
  const isDetermined = entries.filter(({ isInForce }) => isInForce).length === 1;
  return `has ${entries.length} entries, ${isDetermined ? "but only the last one takes effect" : "and any of them may take effect"}`;
}

export const entriesNeedEks =
  "access entries require the name of an EKS cluster, which this manifest or kubeconfig does not contain; set cluster to the name, ARN or resource of the EKS cluster, or set authenticationMode to CONFIG_MAP";

const storeOf: Readonly<Record<PlaceName, string>> = { map: "aws-auth", entries: "the access entries" };

const entryIn: Readonly<Record<PlaceName, string>> = { map: "entry in aws-auth", entries: "access entry" };
const entriesIn: Readonly<Record<PlaceName, string>> = { map: "entries in aws-auth", entries: "access entries" };

const upInBoth = 'set authenticationMode to API_AND_CONFIG_MAP and run "pulumi up"';
const upInBothFirst = `${upInBoth} first`;

const codes: Readonly<Partial<Record<Refusal["code"], AwsAuthErrorCode>>> = {
  mapped: "duplicateArn",
  duplicate: "duplicateArn",
  takenOver: "claimed",
  shared: "claimed",
  unclaimed: "claimed",
  overridden: "duplicateArn",
  policies: "claimed",
  foreign: "unsupportedEntry",
  changedOutside: "changedOutside",
};

/** @param isUpdate whether an update is refused to release a place, rather than a delete. */
export function refusalError(subject: string, refusal: Refusal, isUpdate = true): AwsAuthError {
  return new AwsAuthError(codes[refusal.code] ?? "conflict", describeRefusal(subject, refusal, isUpdate));
}

function describeRefusal(subject: string, refusal: Refusal, isUpdate: boolean): string {
  switch (refusal.code) {
    case "mapped":
      return `${subject} is already mapped (${describeEntries(refusal.entries)})${claimedBy(refusal.claims)}; ${refusal.adoptHelps ? "set adopt: true to take over this entry, or remove it" : "remove this entry"}`;
    case "takenOver": {
      const { entries, claims, isCopy = false } = refusal;
      return `${subject} was taken over by ${ownersOfClaims(claims)} (${describeEntries(entries)}); ${isCopy ? 'run "pulumi state delete URN" to remove this copy from the state' : "remove this mapping (the entry is kept), or remove the other mapping"}`;
    }
    case "shared":
      return `the entry for ${subject} (${describeEntries(refusal.entries)}) is also managed by ${ownersOfClaims(refusal.claims)}, so it cannot be changed to ${describeContent(refusal.content)}; change all of these mappings, with adopt: true on the one that you update first, or remove the others`;
    case "unclaimed":
      return `${subject} has a node entry that no Pulumi resource claims (${describeEntries(refusal.entries)}); set adopt: true to take it over (deleting the mapping then removes the entry)`;
    case "duplicate":
      return `${subject} ${describeDuplicates(refusal.entries)} (${describeEntries(refusal.entries)}); set adopt: true to replace them with one, or remove them (one with ${describeContent(refusal.content)} may remain)`;
    case "foreign":
      return `${subject} has an access entry that this resource cannot manage: ${refusal.reason}; remove the mapping, or remove the access entry`;
    case "policies": {
      const policies = refusal.entries.flatMap((entry) => entry.policies ?? []).join(", ");
      const death = refusal.entries.find((entry) => entry.death)?.death;
      const dead = death === undefined ? "" : `, which grants no access, since ${death.text},`;
      return `deleting the access entry for ${subject}${dead} would also remove access policies that this mapping did not associate (${policies}); disassociate them first${"adoptHelps" in refusal && refusal.adoptHelps ? ", or set adopt: true to recreate the entry without them" : ""}`;
    }
    case "overridden": {
      const { entries, claims, content } = refusal;
      const policies = entries.flatMap((entry) => entry.policies ?? []).map((policy) => `, policy ${policy}`);
      return `${subject} is declared with ${describeContent(content)}, but an access entry takes precedence (${describeEntries(entries)}${policies.join("")})${claimedBy(claims)}; remove this mapping (the access entry is kept), or delete the access entry, or set authenticationMode: API_AND_CONFIG_MAP and adopt: true to take it over`;
    }
    case "noRole":
      return `${subject} has an access entry that this mapping does not own, and that grants no access (${describeEntries(refusal.entries)}), because ${refusal.entries.at(-1)?.death?.text}; correct the ARN, or create the role or user and set adopt: true`;
    case "successorFailed":
      return `${subject} is not removed from ${storeOf[refusal.place]}, because another mapping of the same identity failed in this run; correct that mapping, then run "pulumi up" again`;
    case "changedOutside": {
      const { previous, entries, isOfOthers } = refusal;
      const refresh = `${entries.length > 1 ? "remove all but one, " : ""}run "pulumi refresh", then try again`;
      const remedy = isOfOthers ? 'delete the access entry, or run "pulumi up" with adopt: true first' : refresh;
      return `${subject} was changed outside Pulumi: the state has ${describeContent(previous)}, but the cluster has ${describeEntries(entries)}; ${isUpdate ? upInBothFirst : remedy}`;
    }
    case "clusterMode":
      // A cluster cannot leave mode API.
      return `authenticationMode ${refusal.mode} is not supported by the cluster, whose mode is ${refusal.clusterMode}; set authenticationMode to ${refusal.clusterMode}${refusal.clusterMode === "API" ? "" : ", or change accessConfig.authenticationMode of the aws.eks.Cluster to API_AND_CONFIG_MAP first (this cannot be undone)"}`;
    case "twoSteps":
      return `authenticationMode cannot change to ${refusal.mode} directly; set it to API_AND_CONFIG_MAP and run "pulumi up" first`;
    case "contentChanges":
      return `${subject} changes both its authenticationMode and its content; make one change, run "pulumi up", then make the other`;
    case "contentIgnored":
      return `${subject} cannot change its authenticationMode while ignoreChanges includes username or groups; remove them from ignoreChanges, run "pulumi up", then change the mode`;
    case "staysFirst":
      return `${subject} must have an ${entryIn[refusal.stays]} before its authenticationMode can change; run "pulumi up" with the old mode first`;
    case "staysUnproven":
      return `${subject} cannot be removed from ${storeOf[otherPlace(refusal.stays)]}, since its ${entryIn[refusal.stays]} does not match the state; ${upInBothFirst}`;
    case "staysDead":
      return `${subject} cannot be removed from aws-auth, since its role or user was recreated after its access entry was created, so the access entry grants no access; ${upInBothFirst}, to recreate the access entry`;
    case "staysNoRole":
      return `${subject} cannot be removed from aws-auth, since the role or user of its access entry does not exist in IAM; create the role or user first, then ${upInBoth}`;
    case "staysDuplicate":
      return `${subject} cannot be removed from ${storeOf[otherPlace(refusal.stays)]}, since it has several ${entriesIn[refusal.stays]}; run "pulumi up" with the old mode and adopt: true first, to reduce them to one`;
    case "justWritten":
      return `${subject} is not removed from ${storeOf[otherPlace(refusal.stays)]} yet, since this run has just written its ${entryIn[refusal.stays]}; run "pulumi up" again`;
    case "leftBehind":
      return `an interrupted run left an ${entryIn[otherPlace(refusal.stays)]} for ${subject}; ${upInBoth} once`;
  }
}

/** @param isLocated whether both are known to be on the same cluster, so that the second one is refused. */
export function describeRival(state: Pick<ResourceState, "properties">, urn: string, isLocated = true): string {
  const property = principalProperty(state);
  const end = isLocated
    ? "remove one of them, because only one entry takes effect"
    : "if both use the same cluster, which is not known yet, remove one of them";
  return `${property} ${quoted(state.properties[property])} is also mapped by resource ${quoted(parseUrn(urn)?.name ?? urn)} in this program; ${end}`;
}

export function describeNote(subject: string, note: Note): string {
  switch (note.kind) {
    case "foundIdentical":
      // One text for all mappings, so that it is printed once.
      return "existing entries that match this program and have no owner are claimed by this stack; deleting a mapping then removes its entry";
    case "renamed":
      return `the claim of ${ownersOfClaims(note.claims)} on ${subject} is updated to the current names of the stack and resource`;
    case "resumed":
      return `this run takes over the claim of ${ownersOfClaims(note.claims)} on ${subject}, left by an interrupted run or a replacement; if a stack in another backend owns it, set aws-auth:owner`;
    case "severalEntries":
      return `${subject} has ${note.entries.length} entries, but only ${note.counts.position} takes effect (${describeContent(note.counts.content)}); set adopt: true to replace them with one`;
    case "noRole":
      return `the access entry for ${subject} grants no access, since ${note.death.text}; correct the ARN, or create the role or user`;
    case "deadElsewhere":
      return `${subject} has an access entry that grants no access, since ${note.death.text}; AWS does not document whether EKS uses aws-auth instead, so delete the access entry`;
    case "policies":
      return `${subject} has access policies that this mapping did not associate: ${note.policies.join(", ")}; ${note.isDeleted ? "recreating the access entry removes them" : "disassociate them if they are not intended"}`;
    case "otherPlace": {
      const others = `(${describeEntries(note.entries)})${claimedBy(note.claims)}`;
      return note.place === "map"
        ? `${subject} has different content in aws-auth ${others}; its access entry takes precedence`
        : `${subject} has an access entry with different content ${others}; the access entry takes precedence`;
    }
  }
}

export function describeDrift(drift: Drift): Readonly<Record<string, string>> {
  const written = drift.lastWrite === undefined ? "" : ` (${describeLastWrite(drift.lastWrite)})`;
  switch (drift.kind) {
    case "gone":
      return { entry: `was removed from the cluster${written}; pulumi up restores it` };
    case "claimRemoved":
      return { claim: "was removed from the cluster; pulumi up restores it" };
    case "dead":
      return { entry: `grants no access, since ${drift.death.text}; pulumi up recreates the access entry` };
    case "overridden":
      return {
        entry: `is overridden by ${describeEntries([drift.counts])}${written}; pulumi up restores its effect`,
      };
  }
  const { live, restores } = drift;
  const change = (a: string, b: string) => `the cluster has ${a}${written}; pulumi up restores ${b}`;
  const username = (name: string) => (name === "" ? "no username" : quoted(name));
  const [liveGroups = "", groups = ""] = [live.groups, restores.groups].map(
    (names) => [...names].sort().map(quoted).join(", ") || "no groups",
  );
  return {
    ...(live.username !== restores.username && {
      username: change(username(live.username), username(restores.username)),
    }),
    ...(liveGroups !== groups && { groups: change(liveGroups, groups) }),
  };
}

export function describeAdoption({ adopts = [], content, entry, loses }: Accepted): Readonly<Record<string, string>> {
  const loser = loses.length === 0 ? "" : `, taken over from ${ownersOfClaims(loses)}`;
  const after = describeContent(content);
  const changes = adopts.map((taken) => {
    const before = describeContent(taken.content);
    const isKept = taken.position === entry?.position;
    return [
      taken.position,
      (isKept ? (before === after ? `unchanged (${before})` : `${before} => ${after}`) : `removed (${before})`) + loser,
    ];
  });
  return Object.fromEntries(changes);
}

/** What an update does, as a clause. It is shown only if no property changes, so a release is never part of a mode change. */
export function describeSteps(steps: readonly Step[]): string {
  const verbs = { same: "keeps", add: "adds", claim: "claims", write: "changes", order: "moves", entry: "recreates" };
  const clauses = steps.map(({ place, write }) =>
    write === undefined
      ? `removes what an interrupted run left in ${storeOf[place]}`
      : `${verbs[write.restores ?? write.kind]} the ${entryIn[place]}`,
  );
  return clauses.join(" and ");
}

export function describeLosses(subject: string, losers: readonly Claim[]): string {
  return `${subject} is taken over from ${ownersOfClaims(losers)}; their next preview reports this`;
}

export function describeShares(subject: string, sharers: readonly Claim[]): string {
  return `${subject} is also managed by ${ownersOfClaims(sharers)}; the entry is removed when the last of these mappings is deleted`;
}

export function describeReleaseNote(subject: string, place: PlaceName, note: ReleaseNote): string {
  switch (note.kind) {
    case "noEffect":
      return `${subject} is kept in aws-auth, where it has no effect, because the cluster uses only access entries`;
    case "removed":
      return `other entries for ${subject} were also removed: ${describeEntries(note.entries)}`;
    case "foreign":
      return `the access entry for ${subject} was not removed, since this resource cannot manage it: ${note.reason}`;
    case "ownedByOthers":
      return `${subject} was not removed, since it is also managed by ${ownersOfClaims(note.claims)}`;
    case "remaining":
      return `${subject} still has ${plural(note.entries.length, entryIn[place], entriesIn[place])} (${describeEntries(note.entries)})`;
    case "claimLost":
      return `${subject} was removed, but its claim was missing${place === "map" ? "; if the annotation pulumi-aws-auth/claims was replaced, claims of other stacks are lost too" : ""}`;
    case "left":
      return `${subject} was not removed from aws-auth, since it was changed outside Pulumi (${describeEntries(note.entries)}); remove it if it is not needed`;
  }
}

/** The release notes that are reported as information. The others are warnings. */
export const infoNotes: readonly ReleaseNote["kind"][] = ["noEffect", "foreign", "ownedByOthers"];
