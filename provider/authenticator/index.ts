export { type CallerIdentity, callerIdentity, callerIn, matchableIdentity } from "./callerIdentity";
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
