export {
  type AccessRequest,
  type AppliedBinding,
  Authorizer,
  allGroupsOf,
  allows,
  appliesTo,
  type Grant,
  type Name,
  type ResourceRequest,
  superuserGrants,
  type User,
} from "./authorizer";
export {
  authenticated,
  bootstrappers,
  nodeProxiers,
  nodesGroup,
  superusers,
  unauthenticated,
  windowsNodes,
} from "./groups";
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
