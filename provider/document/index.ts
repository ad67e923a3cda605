export {
  type AwsAuthDocument,
  appendEntry,
  assertReadable,
  changesSince,
  type EditedDocument,
  faultsOf,
  type KeyFault,
  type MapChanges,
  parseDocument,
  removeEntry,
  renderKey,
  updateEntry,
} from "./document";
export { type DataKey, dataKeys, type Entry, entryMapping, keyOf, type SsoRoles } from "./entry";
export { droppedBecause, entriesInForce, entriesOf, entryInForce, findEntries, isEffective, positionOf } from "./find";
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
