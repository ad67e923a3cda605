export { type CallerIdentity, callerIdentity, matchableIdentity } from "./callerIdentity";
export { callerIn, type ExplainedEntry, type Explanation, explainIdentity, type NearMiss } from "./explain";
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
export { foldCase, type Login, type LoginName, loginsOf, resolveIdentity, shadowedEntries } from "./resolve";
