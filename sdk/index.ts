/**
 * Pulumi resources for EKS identity mappings: each maps an IAM role, user or account to a Kubernetes username and groups, in the ConfigMap
 * `aws-auth`, in an EKS access entry, or in both. Every input can be an output of another resource, unless stated otherwise. Inputs that
 * are unknown in a preview are checked by `pulumi up`.
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
