export {
  type ArnFault,
  type ArnFaultCode,
  formatArn,
  hasAccountId,
  type IamArn,
  parseIamArn,
  withoutPath,
} from "./arn";
export {
  type AccountMapping,
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
  type FieldFault,
  knownTemplates,
  type UnknownTemplate,
  unknownTemplates,
  type ValidatedMapping,
  validateMapping,
} from "./validation";
