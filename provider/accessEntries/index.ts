export {
  type AccessEntryContent,
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
  nearestEntry,
  type PrincipalAnswer,
  policyName,
  sameAccessEntry,
  usernameOf,
} from "./accessEntry";
export { type AuthenticationMode, authenticationModes } from "./authenticationMode";
export { clusterAdminPolicy, givenPrincipalArn, isServiceLinkedRole, mayLackPath } from "./principal";
export { contentIn, translate } from "./translate";
export type {
  Refusal,
  Translation,
} from "./translation";
