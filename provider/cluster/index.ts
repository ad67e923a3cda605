export {
  accountOf,
  type ClusterRef,
  identityOf,
  idOf,
  isSameCluster,
  parseId,
  reportedId,
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
  assertContext,
  clusterOfId,
  isSameClusterState,
  knownCluster,
  resolveClusterRef,
  stateIdentity,
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
