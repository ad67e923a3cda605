export { type CallerIdentity, callerIdentity } from "./callerIdentity";
export { type ExplainedEntry, type Explanation, explainIdentity, type NearMiss } from "./explain";
export { type Changes, findLockouts, type GuardedGroup, hasAccess, type Lockout } from "./lockout";
export {
  describeContent,
  describeOwners,
  matchesArn,
  ownersOf,
  type PlacedEntry,
  placedEntries,
  placeOf,
} from "./placedEntry";
export { foldCase, resolveIdentity, shadowedEntries } from "./resolve";
