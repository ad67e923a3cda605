export {
  type AccessEntryContent,
  type AccessEntryDifferences,
  type AccessEntryType,
  type AccessPolicy,
  accessEntryTypes,
  deathOf,
  defaultUsername,
  describeAccessEntry,
  differencesOf,
  hasOwnUser,
  isAdministrator,
  isOlderThanPrincipal,
  type LiveAccessEntry,
  nearestEntry,
  type PrincipalAnswer,
  sameAccessEntry,
  samePrincipalArn,
  usernameOf,
} from "./accessEntry";
export { type AuthenticationMode, authenticationModes, isInEntry, isInMap } from "./authenticationMode";
export {
  claimsIn,
  keptLabel,
  replaceTagClaims,
  standingIn,
  type TagChange,
  type TagClaim,
  tagOf,
} from "./claims";
export { type Move, type MoveSettings, movesOf, type PrincipalLookup, type StayCode, type StayReason } from "./moves";
export {
  type AccessEntryIntent,
  type AccessEntryPlan,
  changeOf,
  describeAccessEntryDrift,
  describeDeath,
  type IgnoredProperty,
  isUnfinished,
  type LiveEntryPlan,
  planAccessEntry,
  withIgnored,
} from "./plan";
export { clusterAdminPolicy, givenPrincipalArn, isServiceLinkedRole, mayLackPath } from "./principal";
export { type AccessEntryRemoval, type AccessEntryRemovalIntent, isFoundBy, planAccessEntryRemoval } from "./removal";
export { groupsInMap, mappingOf, translate } from "./translate";
export type {
  Refusal,
  Translation,
} from "./translation";
