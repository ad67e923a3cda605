export type { ClusterConfig, ClusterConfigMapping, ConfigItem } from "./config";
export { valueSource } from "./config";
export { itemName } from "./itemName";
export { parseClusterConfig } from "./parseClusterConfig";
export { readConfigFile } from "./readConfigFile";
