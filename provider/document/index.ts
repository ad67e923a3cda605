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
export { type ExpectedItems, expectedItems } from "./expected";
export { droppedBecause, entryInForce, isEffective } from "./precedence";
export {
  addClaim,
  type Claim,
  type ClaimedPart,
  type ClaimRecord,
  claimsAnnotation,
  claimsOf,
  claimsOn,
  covers,
  dropClaims,
  fingerprintOf,
  isWhole,
} from "./record";
