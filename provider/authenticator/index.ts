export { type CallerIdentity, callerIdentity, matchableIdentity } from "./callerIdentity";
export {
  callerIn,
  type ExplainedEntry,
  type Explanation,
  explainIdentity,
  noInstance,
  refusedSession,
} from "./explain";
export {
  describeContent,
  describeOwners,
  matchesArn,
  ownersOf,
  type PlacedEntry,
  placedEntries,
  placedEntry,
  placeOf,
} from "./placedEntry";
export {
  candidatesFor,
  foldCase,
  type Login,
  loginsOf,
  resolveIdentity,
  shadowedEntries,
  userTextOf,
} from "./resolve";
