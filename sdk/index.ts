/**
 * Entries of an EKS cluster's kube-system/aws-auth as Pulumi resources.
 *
 * @module
 */
export type {
  Cluster,
  EksClusterArgs,
  EksClusterComponent,
  EksClusterResource,
  KubeconfigClusterArgs,
  ManifestClusterArgs,
} from "./cluster";
export { IdentityMapping, type IdentityMappingArgs } from "./identityMapping";
