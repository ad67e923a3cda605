export {
  type AccessEntryContent,
  type AccessPolicy,
  type AuthenticationMode,
  accessEntryPlace,
  authenticationModes,
  clusterAdminPolicy,
  defaultUsername,
  describeAccessEntry,
  differencesOf,
  givenPrincipalArn,
  hasOwnUser,
  isAdministrator,
  isAdministratorPolicy,
  isServiceLinkedRole,
  type LiveAccessEntry,
  mayLackPath,
  policyName,
  sameAccessEntry,
  usernameOf,
} from "./accessEntry";
export { contentIn, translate } from "./translate";
export type { Refusal, Translation } from "./translation";
