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
export {
  type Contents,
  claimsOn,
  type EntryPlan,
  type EntryRemoval,
  isInConflict,
  type Leave,
  planEntries,
  planEntryRemoval,
  type Slot,
  type Wish,
} from "./plan";
