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

/** Whether the program ignores changes of a property. */
export function ignores(ignored: readonly string[], property: "username" | "groups"): boolean {
  // A path such as groups[0] counts as the whole list, since groups are a set.
  return ignored.some((path) => path === "*" || path.split(/[.[]/)[0] === property);
}

/** The desired mapping, with the entry's content for the properties that the program ignores. */
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

/** The part of an entry that a resource claims: everything that the program does not ignore. */
export function claimedPart(ignored: readonly string[]): ClaimedPart {
  const [username, groups] = [ignores(ignored, "username"), ignores(ignored, "groups")];
  if (username && groups) {
    return "none";
  }
  return username ? "groups" : groups ? "username" : "all";
}

/** The claims on a principal's entries, from the point of view of one claimant. */
export interface Standing {
  readonly own: readonly Claim[];
  /** The claims of others, without those of this program's resources that want the same. */
  readonly others: readonly Claim[];
}

/**
 * Separates a resource's own claims from those of others.
 *
 * @param agreeing the labels of this run's resources that want the same, whose claims do not conflict.
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

/** A new ID. It only has to be unique among the few resources for the same principal. */
export function newClaimId(): string {
  return randomInt(36 ** idLength)
    .toString(36)
    .padStart(idLength, "0");
}

const idLength = 6;

/**
 * The maximum size of the record, in bytes. Kubernetes allows 256 KiB for all annotations of an object, and `kubectl apply` stores
 * a copy of the whole object in another annotation.
 */
const maxRecordBytes = 128 * 1024;

/** A claim to be made. */
export interface WantedClaim {
  /** The part of the entry that it covers. Default: all of it. */
  readonly part?: ClaimedPart;
  readonly id: string;
  readonly label: string;
  readonly isFound: boolean;
}

/**
 * Replaces claims by one claim on an entry.
 *
 * @param replaced the claims to remove.
 * @param wanted the new claim; undefined: only removes.
 * @returns the document, and whether the record contains the claim, which it does not if it is full.
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

/** The labels of claims, for messages: `"organization/infra/prod admin" and "organization/apps/prod ops"`. */
export function namesOf(claims: readonly Claim[]): string {
  return [...new Set(claims.map(({ label }) => JSON.stringify(label)))].sort().join(" and ");
}

/** The clause about the claims that an adoption ends; empty if there are none. */
export function describeDisplaced(displaced: readonly Claim[], entry: Entry): string {
  const ended = displaced.filter((claim) => covers(claim, entry));
  return ended.length === 0 ? "" : `, taken from ${namesOf(ended)}`;
}

/** The clause about who claims an entry; empty if nobody does. */
export function describeClaimants(claims: readonly Claim[], entry: Entry): string {
  const owners = claims.filter((claim) => covers(claim, entry));
  return owners.length === 0 ? "" : `, claimed by ${namesOf(owners)}`;
}

/**
 * The entry with the content that the resource last wrote. If the ignored properties differ, the rest must match exactly one entry,
 * since a second match could be a coincidence.
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

/** The only entry with the content of a mapping, except for ignored properties. */
function onlyWith(entries: readonly Entry[], mapping: Mapping, ignored: readonly string[]): Entry | undefined {
  const saying = entries.filter((entry) => hasContentOf(entry, withIgnored(mapping, entry, ignored)));
  return saying.length === 1 ? saying[0] : undefined;
}

/**
 * The resource's entry after somebody edited it: the only unclaimed entry, if there is exactly one. Without a claim, this is
 * certain only if the resource does not share its principal.
 */
export function onlyEntry(unclaimed: readonly Entry[], noDuplicateARNs: boolean, { own }: Standing): Entry | undefined {
  return unclaimed.length === 1 && (noDuplicateARNs || own.length > 0) ? unclaimed[0] : undefined;
}

/** The entries for a mapping's principal. */
export function entriesFor(document: AwsAuthDocument, mapping: Mapping): Entry[] {
  return findEntries(document, principalOf(mapping)).filter((entry) => !isSso(entry));
}

/** The claims that cover any of the entries. */
export function claimsOver(claims: readonly Claim[], entries: readonly Entry[]): readonly Claim[] {
  return claims.filter((claim) => entries.some((entry) => covers(claim, entry)));
}

/** The last entry that any of the claims covers. */
export function lastCovered(entries: readonly Entry[], claims: readonly Claim[]): Entry | undefined {
  return entries.findLast((entry) => claimsOver(claims, [entry]).length > 0);
}

/** The last entry with the content of a mapping. Prefers entries that can match. */
export function lastWith(entries: readonly Entry[], mapping: Mapping): Entry | undefined {
  const saying = entries.filter((entry) => hasContentOf(entry, mapping));
  return saying.findLast(isEffective) ?? saying.at(-1);
}

/** Whether an entry has the content of a mapping, in any spelling of the ARN. */
export function hasContentOf(entry: Entry, mapping: Mapping): boolean {
  const content = entryMapping(entry);
  return content !== undefined && sameContent(content, mapping);
}
