import { randomInt } from "node:crypto";
import {
  type AwsAuthDocument,
  addClaim,
  type Claim,
  type ClaimedPart,
  claimsOn,
  covers,
  dropClaims,
  type Entry,
  entryMapping,
  findEntries,
  isEffective,
  isSso,
  isWhole,
} from "../document";
import { type Mapping, principalOf, sameContent } from "../mapping";
import type { Claimant } from "./claimant";

/** Whether the program leaves a property to others. */
export function ignores(ignored: readonly string[], property: "username" | "groups"): boolean {
  // A path such as groups[0] cannot be held apart from the list that it is in: groups are a set.
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}

/** A mapping that takes over what the entry says in the properties that the program ignores. */
export function withIgnored(desired: Mapping, own: Entry | undefined, ignored: readonly string[]): Mapping {
  if (own === undefined || desired.kind === "account") {
    return desired;
  }
  return {
    ...desired,
    ...(ignores(ignored, "username") && { username: own.username }),
    ...(ignores(ignored, "groups") && { groups: own.groups }),
  };
}

/** What of an entry a resource claims: all that the program does not leave to others. */
export function claimedPart(ignored: readonly string[]): ClaimedPart {
  const [username, groups] = [ignores(ignored, "username"), ignores(ignored, "groups")];
  if (username && groups) {
    return "none";
  }
  return username ? "groups" : groups ? "username" : "all";
}

/** The claims on a principal's entries, seen by one of the claimants. */
export interface Standing {
  readonly own: readonly Claim[];
  /** The claims of others, this program's resources that agree with what is wanted left out. */
  readonly others: readonly Claim[];
}

/**
 * Tells a resource's own claims from the others.
 *
 * @param agreeing the labels of resources of this run that want the same, so that their claims stand in nobody's way.
 */
export function standingOf(
  document: AwsAuthDocument,
  principal: string,
  claimant: Claimant,
  agreeing: readonly (string | undefined)[] = [],
): Standing {
  const claims = claimsOn(document, principal);
  const own = claims.filter((claim) => isOwn(claim, claimant));
  return { own, others: claims.filter((claim) => !own.includes(claim) && !agreeing.includes(claim.label)) };
}

function isOwn(claim: Claim, { id, label }: Claimant): boolean {
  return id === undefined ? label !== undefined && claim.label === label : claim.id === id;
}

/** A new ID. It has to differ from those of the few resources that want the same principal. */
export function newClaimId(): string {
  return randomInt(36 ** idLength)
    .toString(36)
    .padStart(idLength, "0");
}

const idLength = 6;

/**
 * How large the record may grow, in bytes. Kubernetes allows 256 KiB for all annotations of an object, and `kubectl apply` keeps a copy
 * of the whole object in another one.
 */
const maxRecordBytes = 128 * 1024;

/** A claim to be made. */
export interface WantedClaim {
  /** What of the entry it is for. Default: all of it. */
  readonly part?: ClaimedPart;
  readonly id: string;
  readonly label: string;
  readonly isFound: boolean;
}

/**
 * Replaces claims by one on an entry.
 *
 * @param replaced the claims that it takes the place of.
 * @param wanted undefined: they only go.
 * @returns whether the claim is in the record, beside the document; it is not where the record is full.
 */
export function replaceClaims(
  document: AwsAuthDocument,
  replaced: readonly Claim[],
  entry: Entry,
  wanted: WantedClaim | undefined,
): { readonly document: AwsAuthDocument; readonly isClaimed: boolean } {
  const without = dropClaims(document, replaced);
  if (wanted === undefined) {
    return { document: without, isClaimed: false };
  }
  const claimed = addClaim(without, { entry, ...wanted });
  const { bytes } = claimed.record;
  const isFull = bytes > maxRecordBytes && bytes > document.record.bytes;
  return isFull ? { document: without, isClaimed: false } : { document: claimed, isClaimed: true };
}

/** Whether the record has room for another claim on an entry. */
export function hasRoomFor(document: AwsAuthDocument, label: string, entry: Entry | undefined): boolean {
  const wanted = { id: "0".repeat(idLength), label, isFound: false };
  return entry === undefined || replaceClaims(document, [], entry, wanted).isClaimed;
}

/** Names who makes claims, for messages: `"organization/infra/prod admin" and "organization/apps/prod ops"`. */
export function namesOf(claims: readonly Claim[]): string {
  return [...new Set(claims.map(({ label }) => JSON.stringify(label)))].sort().join(" and ");
}

/** The claims that adoption ends, behind what it does to their entry; empty where there are none. */
export function describeDisplaced(displaced: readonly Claim[], entry: Entry): string {
  const ended = displaced.filter((claim) => covers(claim, entry));
  return ended.length === 0 ? "" : `, taken from ${namesOf(ended)}`;
}

/** Who wants an entry, behind its description; empty where nobody claims it. */
export function describeClaimants(claims: readonly Claim[], entry: Entry): string {
  const owners = claims.filter((claim) => covers(claim, entry));
  return owners.length === 0 ? "" : `, claimed by ${namesOf(owners)}`;
}

/**
 * The entry that says what the resource last said. Where others changed what the program leaves to them, it has to be the only one that
 * agrees in the rest: a neighbour may do so by chance.
 */
export function ownEntry(
  entries: readonly Entry[],
  previous: Mapping,
  ignored: readonly string[],
  { own, others }: Standing,
): Entry | undefined {
  const unclaimed = entries.filter((entry) => claimsOver(others, [entry]).length === 0);
  return (
    lastWith(unclaimed, previous) ??
    lastCovered(entries, own.filter(isWhole)) ??
    lastWith(entries, previous) ??
    onlyWith(unclaimed, previous, ignored) ??
    onlyWith(entries, previous, ignored)
  );
}

/** The only entry that says a mapping, but for what is ignored. */
function onlyWith(entries: readonly Entry[], mapping: Mapping, ignored: readonly string[]): Entry | undefined {
  const saying = entries.filter((entry) => hasContentOf(entry, withIgnored(mapping, entry, ignored)));
  return saying.length === 1 ? saying[0] : undefined;
}

/**
 * The resource's entry after somebody edited it: it is what nobody else claims, where there is one such entry. A resource without a
 * claim can be sure of that only if it shares its principal with no other.
 */
export function onlyEntry(unclaimed: readonly Entry[], noDuplicateARNs: boolean, { own }: Standing): Entry | undefined {
  return unclaimed.length === 1 && (noDuplicateARNs || own.length > 0) ? unclaimed[0] : undefined;
}

/** The entries for a mapping's principal. */
export function entriesFor(document: AwsAuthDocument, mapping: Mapping): Entry[] {
  return findEntries(document, principalOf(mapping)).filter((entry) => !isSso(entry));
}

/** The claims that are for any of the entries. */
export function claimsOver(claims: readonly Claim[], entries: readonly Entry[]): readonly Claim[] {
  return claims.filter((claim) => entries.some((entry) => covers(claim, entry)));
}

/** The last entry that any of the claims is for. */
export function lastCovered(entries: readonly Entry[], claims: readonly Claim[]): Entry | undefined {
  return entries.findLast((entry) => claimsOver(claims, [entry]).length > 0);
}

/** The last entry that says a mapping; one that nobody ever matches only where there is no other. */
export function lastWith(entries: readonly Entry[], mapping: Mapping): Entry | undefined {
  const saying = entries.filter((entry) => hasContentOf(entry, mapping));
  return saying.findLast(isEffective) ?? saying.at(-1);
}

/** Whether an entry says what a mapping says, in whatever spelling of the ARN. */
export function hasContentOf(entry: Entry, mapping: Mapping): boolean {
  const content = entryMapping(entry);
  return content !== undefined && sameContent(content, mapping);
}
