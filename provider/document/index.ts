export {
  type AwsAuthDocument,
  appendEntry,
  assertReadable,
  changesSince,
  describeLine,
  describeMap,
  describePosition,
  entriesOf,
  fileLineOf,
  findEntries,
  type KeyPlace,
  type KeyProblem,
  type MapChanges,
  maxMapBytes,
  type Origin,
  parseDocument,
  positionOf,
  problemsOf,
  removeEntry,
  renderKey,
  updateEntry,
} from "./document";
export { type DataKey, dataKeys, type Entry, entryMapping, isSso, keyOf, type SsoRoles } from "./entry";
export { memoize } from "./memoize";
export { droppedBecause, entryInForce, isEffective } from "./precedence";
