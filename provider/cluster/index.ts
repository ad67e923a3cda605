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
  assertPresent,
  isMissing,
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
  storedRef,
} from "./resolveClusterRef";
export {
  assertSettings,
  defaultAuthenticationMode,
  lockoutProtection,
  type Settings,
  saysAuthenticationMode,
} from "./settings";
export type { ConfigMapStore } from "./store";
