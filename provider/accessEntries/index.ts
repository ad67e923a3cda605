export {
  type AccessEntryContent,
  type AccessEntryDifferences,
  type AccessEntryType,
  type AccessPolicy,
  accessEntryPlace,
  accessEntryTypes,
  deathOf,
  defaultUsername,
  describeAccessEntry,
  differencesOf,
  hasOwnUser,
  isAdministrator,
  isOlderThanPrincipal,
  type LiveAccessEntry,
  listed,
  nearestEntry,
  type PrincipalAnswer,
  policyName,
  sameAccessEntry,
  samePrincipalArn,
  usernameOf,
} from "./accessEntry";
export { type AuthenticationMode, authenticationModes } from "./authenticationMode";
export {
  claimsIn,
  keptLabel,
  ownersIn,
  replaceTagClaims,
  standingIn,
  type TagChange,
  tagOf,
} from "./claims";
export {
  type AccessEntryIntent,
  type AccessEntryPlan,
  type AccessEntryRemoval,
  type AccessEntryRemovalIntent,
  changedOutside,
  changeOf,
  describeAccessEntryDrift,
  describeDeath,
  isUnfinished,
  type LiveEntryPlan,
  planAccessEntry,
  planAccessEntryRemoval,
  withLiveIgnored,
} from "./plan";
export { clusterAdminPolicy, givenPrincipalArn, isServiceLinkedRole, mayLackPath } from "./principal";
export { contentIn, groupsInMap, mappingOf, translate } from "./translate";
export type {
  Refusal,
  Translation,
} from "./translation";
