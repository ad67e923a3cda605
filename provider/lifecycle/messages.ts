import type { Claim } from "../claims";
import { AwsAuthError, type AwsAuthErrorCode } from "../errors";
import type { Mapping } from "../mapping";
import { parseUrn } from "../pulumi/values";
import { plural, quoted } from "../text/text";
import type { StepRefusal } from "./across";
import { principalProperty, type ResourceState } from "./state";
import type {
  Accepted,
  Content,
  Drift,
  Note,
  PlaceName,
  RefusalCode,
  Refused,
  RefusedRelease,
  ReleaseNote,
  SeenEntry,
} from "./types";

/** The subject of a mapping, for messages: `arn "…"` or `account "…"`. */
export function describeSubject(mapping: Mapping): string {
  return mapping.kind === "account" ? `account ${quoted(mapping.account)}` : `arn ${quoted(mapping.arn)}`;
}

/** A content, for messages: `username "dev", groups ["a"]`. */
export function describeContent({ username, groups }: Content): string {
  const names = groups.map((group) => JSON.stringify(group)).join(", ");
  const said = [...(username ? [`username ${quoted(username)}`] : []), ...(names ? [`groups [${names}]`] : [])];
  return said.join(", ") || "no username and no groups";
}

/** The owners of claims, for messages: `"infra/prod admin" and "apps/prod ops"`. */
export function namesOf(claims: readonly Pick<Claim, "owner">[]): string {
  return [...new Set(claims.map(({ owner }) => quoted(owner)))].sort().join(" and ");
}

function describeEntries(entries: readonly SeenEntry[]): string {
  return entries.map(({ position, content }) => `${position}: ${describeContent(content)}`).join("; ");
}

const storeOf: Readonly<Record<PlaceName, string>> = { map: "aws-auth", entries: "the access entries" };

const refusals: Readonly<Record<RefusalCode, (refused: Refused, subject: string, there: string) => string>> = {
  mapped: ({ claims, adoptHelps }, subject, there) => {
    const owner = claims.length === 0 ? "" : `, claimed by ${namesOf(claims)}`;
    return `${subject} is already mapped (${there})${owner}; ${adoptHelps ? "set adopt: true to take it over, or " : ""}remove the other entry`;
  },
  takenOver: ({ claims }, subject, there) =>
    `${subject} was taken over by ${namesOf(claims)} (${there}); remove this mapping, which leaves the entry, or the other one`,
  shared: ({ claims, content }, subject, there) =>
    `${subject} is shared with ${namesOf(claims)}, who may declare other content than ${describeContent(content)} (${there}); change the other mapping too, or set adopt: true to take the entry over`,
  unclaimed: (_refused, subject, there) =>
    `${subject} is mapped for nodes by an entry that no Pulumi resource claims (${there}); set adopt: true to take it over, which makes a later delete remove it`,
  duplicate: ({ entries }, subject, there) =>
    `${subject} has ${entries.length} entries, of which only the last one counts (${there}); set adopt: true to replace them by one, or remove the others`,
  foreign: ({ reason }, subject) =>
    `${subject} has an access entry that this resource cannot own: ${reason}; remove the mapping, or the access entry`,
};

const codes: Readonly<Record<RefusalCode, AwsAuthErrorCode>> = {
  mapped: "duplicateArn",
  duplicate: "duplicateArn",
  takenOver: "claimed",
  shared: "claimed",
  unclaimed: "claimed",
  foreign: "unsupportedEntry",
};

export function describeRefusal(subject: string, refused: Refused): string {
  return refusals[refused.code](refused, subject, describeEntries(refused.entries));
}

export function refusalError(subject: string, refused: Refused): AwsAuthError {
  return new AwsAuthError(codes[refused.code], describeRefusal(subject, refused));
}

export function releaseError(subject: string, { code, place, previous, entries }: RefusedRelease): AwsAuthError {
  return code === "successorFailed"
    ? new AwsAuthError(
        "conflict",
        `${subject} is not removed from ${storeOf[place]}, since another mapping of it failed in this run; correct that one, and run "pulumi up" again`,
      )
    : new AwsAuthError(
        "changedOutside",
        `${subject} was changed outside Pulumi: the state has ${describeContent(previous)}, the cluster ${describeEntries(entries)}; run "pulumi refresh", then run again`,
      );
}

/** Why a mapping cannot have a principal that another mapping of the program has. */
export function describeRival(state: ResourceState, urn: string): string {
  const property = principalProperty(state);
  return `${property} ${quoted(state.properties[property])} is also mapped by ${quoted(parseUrn(urn)?.name ?? urn)} of this program; keep one of the two, since only one entry counts`;
}

/** A note on a write that is not refused. */
export function describeNote(subject: string, note: Note): string {
  switch (note.kind) {
    case "foundIdentical":
      // One text for all mappings, so that it is printed once.
      return "entries that are identical to mappings of this program and have no owner are claimed; a later delete removes them";
    case "severalEntries":
      return `${subject} has ${note.entries.length} entries, of which only ${note.counts.position} counts (${describeContent(note.counts.content)}); set adopt: true to replace them by one`;
    case "otherPlace": {
      const owner = note.claims.length === 0 ? "" : `, managed by ${namesOf(note.claims)}`;
      return note.place === "map"
        ? `${subject} has other content in aws-auth (${describeEntries(note.entries)})${owner}; its access entry takes precedence`
        : `${subject} has an access entry with other content (${describeEntries(note.entries)})${owner}, which takes precedence over aws-auth`;
    }
  }
}

/** The drift that a plan shows, by property. */
export function describeDrift(drift: Drift): Readonly<Record<string, string>> {
  if (drift.kind !== "changed") {
    return drift.kind === "gone"
      ? { entry: "is gone from the cluster; up adds it again" }
      : { claim: "was removed from the cluster; up claims the entry again" };
  }
  const { live, restores } = drift;
  const change = (a: string, b: string) => `cluster has ${a}; up restores ${b}`;
  const [liveGroups, groups] = [live.groups, restores.groups].map(
    (names) => [...names].sort().join(", ") || "no groups",
  );
  return {
    ...((live.username ?? "") !== (restores.username ?? "") && {
      username: change(live.username || "no username", restores.username || "no username"),
    }),
    ...(liveGroups !== groups && { groups: change(liveGroups ?? "", groups ?? "") }),
  };
}

/** The adoptions that a plan shows, by adopted entry. */
export function describeAdoption({ adopts = [], content, entry, loses }: Accepted): Readonly<Record<string, string>> {
  const loser = loses.length === 0 ? "" : `, taken over from ${namesOf(loses)}`;
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

/** Names the owners whose claims a write drops. */
export function describeLosses(subject: string, losers: readonly Claim[]): string {
  return `${subject} no longer belongs to ${namesOf(losers)}, whose next "pulumi preview" reports it`;
}

/** Names the owners that share an entry in aws-auth. */
export function describeShares(subject: string, sharers: readonly Claim[]): string {
  return `${subject} is shared with ${namesOf(sharers)}; the last one to be deleted removes the entry`;
}

/** A note on a release. */
export function describeReleaseNote(subject: string, place: PlaceName, note: ReleaseNote): string {
  switch (note.kind) {
    case "noEffect":
      return `${subject} stays in aws-auth, which has no effect: the cluster uses access entries only`;
    case "removed":
      return `${subject} was also removed where the state did not have it: ${describeEntries(note.entries)}`;
    case "foreign":
      return `${subject} keeps its access entry, which is not this resource's: ${note.reason}`;
    case "ownedByOthers":
      return `${subject} stays, since it is also managed by ${namesOf(note.claims)}`;
    case "remaining":
      return `${subject} still has ${plural(note.entries.length, "entry", "entries")} in ${storeOf[place]} (${describeEntries(note.entries)})`;
    case "claimLost":
      return `${subject} was removed without a claim: the annotation pulumi-aws-auth/claims was replaced, so other stacks may have lost their claims too`;
    case "left":
      return `${subject} stays in aws-auth, where it was changed outside Pulumi (${describeEntries(note.entries)}); remove it there if no one needs it`;
  }
}

/** The release notes that are reported as information. The others are warnings. */
export const infoNotes: readonly ReleaseNote["kind"][] = ["noEffect", "foreign", "ownedByOthers"];

export function describeStep(subject: string, refusal: StepRefusal): string {
  switch (refusal.code) {
    case "clusterMode":
      return `authenticationMode ${refusal.mode} does not fit the cluster, whose mode is ${refusal.clusterMode}; set authenticationMode to ${refusal.clusterMode}, or change accessConfig of the aws.eks.Cluster first, which cannot be undone`;
    case "twoSteps":
      return `authenticationMode ${refusal.mode} takes two steps; set ${refusal.first} first, one step for each "pulumi up"`;
    case "contentChanges":
      return `${subject} changes both its authenticationMode and its content; change one of them for each "pulumi up"`;
    case "contentIgnored":
      return `${subject} cannot change its authenticationMode while ignoreChanges names its username or groups; remove that, run "pulumi up", then change the mode`;
    case "staysFirst":
      return `${subject} has to be written to ${storeOf[refusal.stays]} before its authenticationMode changes; run "pulumi up" with the earlier mode first`;
    case "staysUnproven":
      return `${subject} does not leave its other place, since its entry in ${storeOf[refusal.stays]} is not the one in the state; run "pulumi up" with API_AND_CONFIG_MAP first`;
    case "staysDuplicate":
      return `${subject} does not leave its other place, since it has several entries in ${storeOf[refusal.stays]}; run "pulumi up" with the earlier mode and adopt: true first, which keeps one`;
    case "justWritten":
      return `${subject} does not leave its other place, since this run wrote its entry in ${storeOf[refusal.stays]}; run "pulumi up" again`;
    case "leftBehind":
      return `${subject} has an entry in ${storeOf[refusal.place]} that an interrupted run of this resource left; run "pulumi up" with API_AND_CONFIG_MAP once`;
  }
}
