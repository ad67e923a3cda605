export {
  type ArnProblem,
  type ArnProblemCode,
  formatArn,
  hasAccountId,
  type IamArn,
  parseIamArn,
  withoutPath,
} from "./arn";
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
export {
  isSet,
  knownTemplates,
  noPrincipal,
  unknownTemplates,
  validateMapping,
} from "./validation";
