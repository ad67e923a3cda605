export {
  type ArnMismatch,
  type ArnProblem,
  type ArnProblemCode,
  accountMismatch,
  arnMismatches,
  formatArn,
  hasAccountId,
  type IamArn,
  parseIamArn,
  withoutPath,
} from "./arn";
export { type ContentProblem, type ContentRule, contentProblems } from "./content";
export { builtInGroupMeant, isBuiltInGroup } from "./groups";
export {
  type ArnMapping,
  type Caller,
  describeMapping,
  hasRolePath,
  type Mapping,
  type MappingFields,
  type ParsedMapping,
  parseMapping,
  principalKey,
  principalOf,
  sameContent,
  sameGroups,
} from "./mapping";
export { knownTemplates, unknownTemplates } from "./templates";
export { isSet, noPrincipal, validateMapping } from "./validation";
