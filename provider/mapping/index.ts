export {
  type ArnMismatch,
  type ArnProblemCode,
  accountMismatch,
  arnMismatches,
  formatArn,
  hasAccountId,
  type IamArn,
  parseIamArn,
  withoutPath,
} from "./arn";
export {
  anyTemplate,
  type ContentRule,
  contentProblems,
  hiddenTexts,
  isBuiltInGroup,
  knownTemplates,
  unknownTemplates,
} from "./content";
export { ignores } from "./ignored";
export {
  type ArnMapping,
  type Caller,
  contentKey,
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
export { isSet, noPrincipal, type ValidatedMapping, validateMapping } from "./validation";
