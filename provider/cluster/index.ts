export { connectionKey, openStore } from "./connect";
export { clusterForms } from "./ref/clusterInput";
export { type ClusterRef, type ClusterState, identityOf, stateOf } from "./ref/clusterRef";
export { resolveClusterRef } from "./ref/resolveClusterRef";
export { stateIdentity } from "./ref/stateIdentity";
export { deletesUnreachable, refusesDuplicates, type Settings, unreachablePolicy } from "./settings";
export type { ConfigMapStore, StoredConfigMap } from "./store";
export { closestOf, quoted } from "./text";
