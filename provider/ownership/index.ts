export {
  type Claim,
  type Claimant,
  newClaimId,
  type Standing,
  someClaimId,
  standingOf,
  stemOf,
  type WantedClaim,
} from "./claim";
export { type EntryPlan, isInConflict, planEntries, type Wish } from "./plan";
export { type EntryRemoval, isFoundBy, type Leave, planEntryRemoval } from "./removal";
export type { Contents, Slot } from "./slots";
