export { type CallerIdentity, callerIdentity, matchableIdentity } from "./callerIdentity";
export { callerIn, type ExplainedEntry, type Explanation, explainIdentity, type NearMiss } from "./explain";
export { type Login, type LoginName, loginsOf } from "./login";
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
