export {
  accountOf,
  type ClusterRef,
  identityOf,
  idOf,
  isSameCluster,
  parseId,
  stateOf,
  withAccount,
} from "./clusterRef";
export {
  isMissing,
  missingManifest,
  type OpenCluster,
  openMap,
  openStore,
  type ReadMap,
  readRights,
  type Way,
  wayTo,
} from "./connect";
export {
  isSameClusterState,
  resolveClusterRef,
  stateIdentity,
  storedRef,
} from "./resolveClusterRef";
export {
  assertSettings,
  defaultAuthenticationMode,
  deletesUnreachable,
  isTolerated,
  lockoutProtection,
  ownershipPolicy,
  refusesDuplicates,
  refusesLockouts,
  type Settings,
  saysAuthenticationMode,
  showsAccess,
} from "./settings";
export type { ConfigMapStore } from "./store";
