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
  type Mapping,
  principalKey,
  principalOf,
  sameContent,
  sameGroups,
} from "./mapping";
export {
  type FieldFault,
  knownTemplates,
  type MappingFields,
  type UnknownTemplate,
  unknownTemplates,
  type ValidatedMapping,
  validateMapping,
} from "./validation";
