import type { AccessEntryContent, PrincipalAnswer } from "../accessEntries/accessEntry";
import { mayLackPath } from "../accessEntries/principal";
import { translate } from "../accessEntries/translate";
import type { Refusal, RefusalCode } from "../accessEntries/translation";
import { callerIdentity, matchableIdentity } from "../authenticator/callerIdentity";
import { type PlacedEntry, placedEntries, placedEntry } from "../authenticator/placedEntry";
import { candidatesFor } from "../authenticator/resolve";
import { type AwsAuthDocument, type Entry, entryMapping } from "../document";
import { mismatchesOf } from "../lint";
import { principalKey } from "../mapping";

/** A role or user as IAM tells of it. */
export type PrincipalFact =
  | Exclude<PrincipalAnswer, { kind: "unknown" }>
  | {
      readonly kind: "unknown";
      /** A clause: why it is not known, such as a permission that is missing. */
      readonly reason: string;
      /** The whole error where a permission is missing. */
      readonly denial?: string;
    };

/** What is known of a role's or user's ARN with its path, from IAM or elsewhere. */
export type PrincipalLookup =
  | Pick<Extract<PrincipalFact, { kind: "found" }>, "kind" | "arn">
  | Exclude<PrincipalFact, { kind: "found" }>;

/** What is to be known of a cluster besides its map. */
export interface MoveSettings {
  /** 12 digits. */
  readonly clusterAccount: string;
  readonly partition: string;
  /** Asks IAM, in the principal's own account, for a role whose ARN may lack its path. */
  readonly lookUp: (roleArn: string) => PrincipalLookup;
  /** The `principalKey`s of roles of managed node groups and Fargate profiles, for which EKS makes access entries. */
  readonly eksRoles: ReadonlySet<string>;
}

/**
 * Why an entry of a map does not move; besides the reasons of {@link RefusalCode}:
 *
 * - `matchesNobody`: nobody can log in with it
 * - `shadowed`: another entry of the same principal counts
 * - `ambiguous`: the authenticator picks one of several entries of the same principal at random
 * - `permissionSet`: an entry with `sso`, which may count or not
 * - `managedNodeGroup`: EKS makes the access entry
 * - `missingPrincipal`: the role does not exist, and an access entry needs one that does
 * - `unknownPath`: whether the role has a path is not known
 */
export type StayCode =
  | RefusalCode
  | "matchesNobody"
  | "shadowed"
  | "ambiguous"
  | "permissionSet"
  | "managedNodeGroup"
  | "missingPrincipal"
  | "unknownPath";

/** Why an entry of a map stays, one clause each. */
export interface StayReason extends Partial<Pick<Refusal, "property" | "proposal">> {
  readonly code: StayCode;
  readonly reason: string;
  readonly remedy: string;
}

/**
 * What becomes of an entry of a map when its cluster moves to access entries.
 *
 * - `move`: there is an access entry that says the same
 * - `leave`: it needs none: it grants nothing, or EKS makes its own
 * - `cannot`: it grants what no access entry can, so that the cluster cannot go to the mode `API`
 */
export type Move = Outcome & { readonly placed: PlacedEntry };

type Outcome =
  | { readonly kind: "move"; readonly content: AccessEntryContent; readonly notes: readonly string[] }
  | { readonly kind: "leave" | "cannot"; readonly reasons: readonly StayReason[] };

/**
 * What becomes of each entry of a map, in its order. An access entry that grants what the map does not grant today is never proposed:
 * entries that match nobody, or that another one shadows, do not move. The entries of a key that cannot be read are not among them.
 */
export function movesOf(document: AwsAuthDocument, settings: MoveSettings): readonly Move[] {
  return placedEntries(document).map((placed) => ({ placed, ...moveOf(document, placed, settings) }));
}

function moveOf(document: AwsAuthDocument, placed: PlacedEntry, settings: MoveSettings): Outcome {
  const { entry } = placed;
  const idle = idleReason(placed.entry);
  if (idle !== undefined) {
    return { kind: "leave", reasons: [idle] };
  }
  const mapping = entryMapping(entry);
  if (mapping === undefined) {
    return { kind: "cannot", reasons: [permissionSet] };
  }
  if (mapping.kind === "account") {
    return translatedMove(mapping, "", settings);
  }
  const candidates = candidatesOf(document, mapping.arn);
  const [winner] = candidates;
  if (winner !== undefined && !candidates.includes(entry)) {
    return { kind: "leave", reasons: [shadowedBy(document, winner)] };
  }
  if (candidates.length > 1) {
    return { kind: "cannot", reasons: [ambiguous] };
  }
  if (settings.eksRoles.has(principalKey(mapping.arn))) {
    return { kind: "leave", reasons: [managed] };
  }
  const lookup = lookUp(mapping.arn, settings);
  if (lookup.kind === "found") {
    return translatedMove(mapping, lookup.arn, settings);
  }
  // What is refused whatever the path is needs no path.
  const translation = translatedMove(mapping, mapping.arn, settings);
  if (translation.kind !== "move") {
    return translation;
  }
  return lookup.kind === "missing"
    ? { kind: "leave", reasons: [missing] }
    : { kind: "cannot", reasons: [{ ...unknownPath, reason: `${unknownPath.reason}: ${lookup.reason}` }] };
}

function translatedMove(
  mapping: NonNullable<ReturnType<typeof entryMapping>>,
  principalArn: string,
  { clusterAccount, partition }: MoveSettings,
): Outcome {
  const translation = translate(mapping, { clusterAccount, partition, principalArn });
  if (translation.kind === "entry") {
    return { kind: "move", content: translation.content, notes: translation.notes };
  }
  const { refusals } = translation;
  return { kind: refusals.every(({ code }) => isForEks.has(code)) ? "leave" : "cannot", reasons: refusals };
}

/** The refusals of entries for which EKS makes the access entry itself. */
const isForEks: ReadonlySet<RefusalCode> = new Set<RefusalCode>(["fargate"]);

/** Why no one can log in with an entry; undefined if someone may. */
function idleReason(entry: Entry): StayReason | undefined {
  const [reason] = mismatchesOf(entry);
  const remedy = "remove the entry: as an access entry it would begin to let somebody in";
  return reason === undefined
    ? undefined
    : { code: "matchesNobody", reason: `nobody can log in with it: ${reason}`, remedy };
}

/** The entries that the authenticator may use for the principal of an entry. */
function candidatesOf(document: AwsAuthDocument, arn: string): readonly Entry[] {
  const identity = matchableIdentity(arn) ?? callerIdentity(arn);
  return identity === undefined ? [] : candidatesFor(document, identity);
}

function shadowedBy(document: AwsAuthDocument, winner: Entry): StayReason {
  const place = `${winner.key} entry ${placedEntry(document, winner)?.position}`;
  return {
    code: "shadowed",
    reason: `${place} is for the same principal and counts instead`,
    remedy: "remove the entry",
  };
}

/** A user's ARN has its path in aws-auth too. */
function lookUp(arn: string, { lookUp }: MoveSettings): PrincipalLookup {
  return mayLackPath(arn) ? lookUp(arn) : { kind: "found", arn };
}

const permissionSet: StayReason = {
  code: "permissionSet",
  reason: "an entry with sso counts only with a feature gate of the authenticator, which nobody sees from outside",
  remedy: "map the ARN of the permission set's role, or remove the entry if these people cannot log in",
};

const ambiguous: StayReason = {
  code: "ambiguous",
  reason: "the authenticator uses this entry or another one of the same user, at random",
  remedy: "keep one of them",
};

const managed: StayReason = {
  code: "managedNodeGroup",
  reason: "the role is that of a managed node group or a Fargate profile, for which EKS makes the access entry itself",
  remedy: "leave it to EKS, and keep the entry until EKS's access entry is there",
};

const missing: StayReason = {
  code: "missingPrincipal",
  reason: "the role does not exist, and an access entry needs one that does",
  remedy: "remove the entry, or create the role first",
};

const unknownPath: StayReason = {
  code: "unknownPath",
  property: "arn",
  reason: "whether the role has a path is not known",
  remedy: "give the ARN of the role with its path",
};
