export {
  type AccessRequest,
  type AppliedBinding,
  Authorizer,
  allGroupsOf,
  allows,
  authenticated,
  type Grant,
  type Name,
  type ResourceRequest,
  superuserGrants,
  superusers,
  type UrlRequest,
  type User,
} from "./authorizer";
export {
  type Binding,
  noObjects,
  type PolicyRule,
  parseRbac,
  type RbacList,
  type RbacObjects,
  rbacLists,
  type Subject,
} from "./objects";
export { isStronger, knownStrength, type Strength, strengthOf, strengths } from "./strength";
