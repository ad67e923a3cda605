export { closestOf } from "../closest";
export { openStore, type Way, wayTo } from "./connect";
export { clusterForms } from "./ref/clusterInput";
export { accountOf, type ClusterRef, identityOf, idOf, isSameCluster, stateOf, withAccount } from "./ref/clusterRef";
export { holdsKubeconfig } from "./ref/kubeconfigContent";
export { resolveClusterRef } from "./ref/resolveClusterRef";
export { isSameClusterState, stateIdentity, storedRef } from "./ref/stateIdentity";
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
export { quoted } from "./text";
