export {
  type ArnProblem,
  type ArnProblemCode,
  accountProblem,
  arnProblems,
  correctedArn,
  formatArn,
  hasAccountId,
  type IamArn,
  parseIamArn,
  withoutPath,
} from "./arn";
export {
  anyTemplate,
  type ContentProblemCode,
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
export { isSet, type MappingProperty, noPrincipal, type ValidatedMapping, validateMapping } from "./validation";
