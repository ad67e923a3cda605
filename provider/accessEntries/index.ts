export {
  type AccessEntryContent,
  type AccessEntryType,
  type AccessPolicy,
  accessEntryPlace,
  accessEntryTypes,
  defaultUsername,
  describeAccessEntry,
  differencesOf,
  hasOwnUser,
  isAdministrator,
  type LiveAccessEntry,
  policyName,
  sameAccessEntry,
  usernameOf,
} from "./accessEntry";
export { type AuthenticationMode, authenticationModes } from "./authenticationMode";
export { clusterAdminPolicy, givenPrincipalArn, isServiceLinkedRole, mayLackPath } from "./principal";
export { contentIn, translate } from "./translate";
export type { Refusal, Translation } from "./translation";
