export {
  type AwsAuthDocument,
  appendEntry,
  assertReadable,
  changesSince,
  type EditedDocument,
  entriesOf,
  faultsOf,
  findEntries,
  type KeyFault,
  type MapChanges,
  maxMapBytes,
  parseDocument,
  positionOf,
  removeEntry,
  renderKey,
  updateEntry,
} from "./document";
export { type DataKey, dataKeys, type Entry, entryMapping, keyOf, type SsoRoles } from "./entry";
export { droppedBecause, entriesInForce, entryInForce, isEffective } from "./precedence";
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
  type NewClaim,
} from "./record";
