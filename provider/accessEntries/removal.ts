import { type AccessEntryContent, type LiveAccessEntry, sameAccessEntry } from "./accessEntry";
import { standingIn, type TagClaim, type TagStanding } from "./claims";
import { type AccessEntryIntent, withIgnored } from "./plan";

/**
 * What happens to the access entry of a deleted resource.
 *
 * - `gone`: there is none
 * - `remove`: it is deleted; `isUnrecorded` if its claim is missing, so that only the state says that it is this resource's
 * - `keep`: others want it, by their claims or in this run; only the own claims go
 * - `leave`: the own claims go, and the entry stays, which is told: `found` if it was there before the resource, `unclaimed` if nobody
 *   claims it and the state does not say that the resource made it
 * - `inherited`: another resource with the same name has replaced the claim, so nothing is changed
 * - `changed`: the resource made it, and somebody changed it, so that the delete is refused
 */
export type AccessEntryRemoval =
  | { readonly kind: "gone" }
  | (There & { readonly kind: "remove"; readonly isUnrecorded: boolean })
  | (There & { readonly kind: "keep"; readonly wantedBy: readonly TagClaim[] })
  | (There & { readonly kind: "leave"; readonly because: "found" | "unclaimed" })
  | (There & { readonly kind: "inherited" })
  | (There & { readonly kind: "changed" });

interface There {
  readonly live: LiveAccessEntry;
  readonly standing: TagStanding;
}

/** What a delete has to know. */
export interface AccessEntryRemovalIntent extends Pick<AccessEntryIntent, "ignored" | "claimant" | "isMade"> {
  /** What the state says of the access entry. */
  readonly previous: AccessEntryContent;
  /** What this run's other resources for the principal want. */
  readonly declared: readonly AccessEntryContent[];
}

/**
 * Plans a delete: it deletes only an access entry with the content in the state that a claim, or else the state, says to be made by the
 * resource, and only if nobody else wants it.
 */
export function planAccessEntryRemoval(
  live: LiveAccessEntry | undefined,
  { previous, ignored, claimant, isMade, declared }: AccessEntryRemovalIntent,
): AccessEntryRemoval {
  if (live === undefined) {
    return { kind: "gone" };
  }
  const standing = standingIn(live.tags, claimant);
  const { own, others } = standing;
  const there = { live, standing };
  const isSucceeded = claimant.id !== undefined && standingIn(live.tags, { ...claimant, id: undefined }).own.length > 0;
  if (own.length === 0 && isSucceeded) {
    return { kind: "inherited", ...there };
  }
  if (others.length > 0 || declared.some((content) => sameAccessEntry(content, live))) {
    return { kind: "keep", ...there, wantedBy: others };
  }
  if (own.some(({ isFound }) => isFound)) {
    return { kind: "leave", ...there, because: "found" };
  }
  if (own.length === 0 && !isMade) {
    return { kind: "leave", ...there, because: "unclaimed" };
  }
  if (!sameAccessEntry(withIgnored(previous, live, ignored), live)) {
    return { kind: "changed", ...there };
  }
  return { kind: "remove", ...there, isUnrecorded: own.length === 0 };
}
