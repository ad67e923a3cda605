export { closestOf } from "../closest";
export { connectionKey, openStore } from "./connect";
export { clusterForms } from "./ref/clusterInput";
export { type ClusterRef, identityOf, stateOf } from "./ref/clusterRef";
export { holdsKubeconfig } from "./ref/kubeconfigContent";
export { resolveClusterRef } from "./ref/resolveClusterRef";
export { isSameClusterState, stateIdentity } from "./ref/stateIdentity";
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
