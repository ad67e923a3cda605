export {
  type AwsAuthDocument,
  appendEntry,
  assertReadable,
  changedData,
  type EditedDocument,
  faultsOf,
  type KeyFault,
  parseDocument,
  removeEntry,
  renderKey,
  updateEntry,
} from "./document";
export { droppedBecause } from "./dropped";
export { type DataKey, dataKeys, type Entry, entryMapping, keyOf, type SsoRoles } from "./entry";
export { entriesInForce, entriesOf, entryInForce, findEntries, isEffective, positionOf } from "./find";
