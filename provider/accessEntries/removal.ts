import { type Leave, planEntryRemoval } from "../ownership";
import type { AccessEntryContent, LiveAccessEntry } from "./accessEntry";
import { keptClaimant, type TagClaim, type TagStanding } from "./claims";
import { type AccessEntryIntent, entryContents, slotOf } from "./plan";

/**
 * What happens to the access entry of a deleted resource.
 *
 * - `gone`: there is none
 * - `remove`: it is deleted
 * - `keep`: others want it, by their claims or in this run; only the own claims go
 * - `leave`: the own claims go, and the entry stays, which is told: `found` if it was there before the resource, `unclaimed` if nobody
 *   claims it and the state does not say that the resource made it
 * - `inherited`: what replaces the resource has the entry, so nothing is changed
 * - `changed`: the resource made it, and somebody changed it, so that the delete is refused
 */
export type AccessEntryRemoval =
  | { readonly kind: "gone" }
  | (There & { readonly kind: "keep" | "inherited"; readonly wantedBy: readonly TagClaim[] })
  | (There & { readonly kind: "leave"; readonly because: "found" | "unclaimed" })
  | (There & { readonly kind: "remove" | "changed" });

interface There {
  readonly live: LiveAccessEntry;
  readonly standing: TagStanding;
}

/** What a delete has to know. */
export type AccessEntryRemovalIntent = Omit<Leave<AccessEntryContent>, "noDuplicateARNs"> &
  Pick<AccessEntryIntent, "isMade">;

/**
 * Plans a delete: it deletes only an access entry with the content in the state that a claim, or else the state, says to be made by the
 * resource, and only if nobody else wants it.
 */
export function planAccessEntryRemoval(
  live: LiveAccessEntry | undefined,
  { isMade, claimant, ...intent }: AccessEntryRemovalIntent,
): AccessEntryRemoval {
  if (live === undefined) {
    return { kind: "gone" };
  }
  const slot = slotOf(live);
  const leave = { ...intent, claimant: keptClaimant(claimant), noDuplicateARNs: true };
  const { kind, standing, wantedBy } = planEntryRemoval([slot], slot.claims, leave, entryContents);
  const there = { live, standing };
  const { own, earlier } = standing;
  if (kind === "inherited" || kind === "keep") {
    return { kind, ...there, wantedBy };
  }
  if (isFoundBy(standing)) {
    return { kind: "leave", ...there, because: "found" };
  }
  if (own.length + earlier.length === 0 && !isMade) {
    return { kind: "leave", ...there, because: "unclaimed" };
  }
  return { kind: kind === "changed" ? kind : "remove", ...there };
}

/** Whether a resource has found its access entry. What an interrupted run has left is known by its claim alone, where no state has an ID. */
export function isFoundBy({ own, earlier }: TagStanding): boolean {
  return (own.length > 0 ? own : earlier).some(({ isFound }) => isFound);
}
