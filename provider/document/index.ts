export {
  type AwsAuthDocument,
  appendEntry,
  assertReadable,
  changesSince,
  entriesOf,
  findEntries,
  type KeyProblem,
  type MapChanges,
  maxMapBytes,
  parseDocument,
  positionOf,
  problemsOf,
  removeEntry,
  renderKey,
  updateEntry,
} from "./document";
export { type DataKey, dataKeys, type Entry, entryMapping, isSso, keyOf, type SsoRoles } from "./entry";
export { describeLine, describeMap, describePosition, fileLineOf, type Origin } from "./origin";
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
