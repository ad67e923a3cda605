export { closestOf } from "../text";
export { openStore, type Way, wayTo } from "./connect";
export { clusterForms } from "./clusterInput";
export { accountOf, type ClusterRef, identityOf, idOf, isSameCluster, stateOf, withAccount } from "./clusterRef";
export { holdsKubeconfig } from "./clusterInput";
export { resolveClusterRef } from "./resolveClusterRef";
export { isSameClusterState, stateIdentity, storedRef } from "./resolveClusterRef";
export {
  assertSettings,
  deletesUnreachable,
  lockoutProtection,
  ownershipPolicy,
  refusesDuplicates,
  type Settings,
  unreachablePolicy,
} from "./settings";
export type { ConfigMapStore, StoredConfigMap } from "./store";
export { quoted } from "../text";
