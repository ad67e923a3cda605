/**
 * Manages each identity mapping of an EKS cluster, in aws-auth or in access entries, as its own Pulumi resource. Every input may be an
 * output of another resource, unless stated otherwise. Inputs that are unknown during preview are checked during `pulumi up`.
 *
 * `npm run docs` generates this page from the comments in `sdk/`.
 *
 * @module
 */
export type { AuthenticationMode } from "../provider/accessEntries/accessEntry";
export type { FoundIdentityMapping } from "../provider/reports/findMappings";
export type {
  Cluster,
  EksClusterArgs,
  EksClusterComponent,
  EksClusterResource,
  KubeconfigClusterArgs,
  ManifestClusterArgs,
} from "./cluster";
export type { ClusterConfig, ClusterConfigMapping, ServiceName } from "./clusterConfig";
export {
  type GetIdentityMappingsArgs,
  type GetIdentityMappingsOutputArgs,
  getIdentityMappings,
  getIdentityMappingsOutput,
  type PlainCluster,
} from "./getIdentityMappings";
export { IdentityMapping, type IdentityMappingArgs } from "./identityMapping";
export { IdentityMappings, type IdentityMappingsArgs } from "./identityMappings";
export { ServiceIdentityMapping, type ServiceIdentityMappingArgs } from "./serviceIdentityMapping";
