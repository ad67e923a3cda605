export {
  type ArnFault,
  type ArnFaultCode,
  formatArn,
  hasAccountId,
  type IamArn,
  parseIamArn,
  withoutPath,
} from "./arn";
export type { Caller } from "./caller";
export {
  type AccountMapping,
  type ArnMapping,
  describeMapping,
  type Mapping,
  principalOf,
  sameContent,
  sameGroups,
} from "./mapping";
export { principalKey } from "./principal";
export { knownTemplates, type UnknownTemplate, unknownTemplates } from "./template";
export { type FieldFault, type MappingFields, type ValidatedMapping, validateMapping } from "./validation";
