export {
  type ClusterConfig,
  type ClusterConfigMapping,
  type ConfigItem,
  itemName,
  serviceOf,
  valueSource,
} from "./config";
export { parseClusterConfig } from "./parseClusterConfig";
export { readConfigFile } from "./readConfigFile";
