export {
  type AccessEntryContent,
  type AccessPolicy,
  type AuthenticationMode,
  accessEntryPlace,
  authenticationModes,
  defaultUsername,
  describeAccessEntry,
  differencesOf,
  hasOwnUser,
  isAdministrator,
  type LiveAccessEntry,
  sameAccessEntry,
  usernameOf,
} from "./accessEntry";
export { clusterAdminPolicy, givenPrincipalArn, isServiceLinkedRole, mayLackPath } from "./principal";
export { contentIn, translate } from "./translate";
export type { Refusal, Translation } from "./translation";
