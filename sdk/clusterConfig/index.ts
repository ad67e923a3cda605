export { type ClusterConfig, type ClusterConfigMapping, type ConfigItem, valueSource } from "./config";
export { itemName } from "./itemName";
export { parseClusterConfig } from "./parseClusterConfig";
export { readConfigFile } from "./readConfigFile";
