export {
  type ArnFault,
  type ArnFaultCode,
  formatArn,
  hasAccountId,
  type IamArn,
  parseIamArn,
  withoutPath,
} from "./arn";
export type { Caller } from "./mapping";
export {
  type AccountMapping,
  type ArnMapping,
  describeMapping,
  type Mapping,
  principalOf,
  sameContent,
  sameGroups,
} from "./mapping";
export { principalKey } from "./mapping";
export { knownTemplates, type UnknownTemplate, unknownTemplates } from "./validation";
export { type FieldFault, type MappingFields, type ValidatedMapping, validateMapping } from "./validation";
