export { type ClusterConfig, type ClusterConfigMapping, type ConfigItem, itemName, valueSource } from "./config";
export { parseClusterConfig } from "./parseClusterConfig";
export { readConfigFile } from "./readConfigFile";
