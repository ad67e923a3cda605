/** The policy of cluster administrators. */
export const clusterAdminPolicy = "AmazonEKSClusterAdminPolicy";

/** @see https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const forEverybody = [
  "AmazonAIOpsAssistantPolicy",
  "AmazonARCRegionSwitchScalingPolicy",
  "AmazonEKSACKPolicy",
  "AmazonEKSAdminPolicy",
  "AmazonEKSAdminViewPolicy",
  "AmazonEKSArgoCDClusterPolicy",
  "AmazonEKSArgoCDPolicy",
  "AmazonEKSAutoNodePolicy",
  clusterAdminPolicy,
  "AmazonEKSEditPolicy",
  "AmazonEKSKROPolicy",
  "AmazonEKSLoadBalancingClusterPolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingClusterPolicy",
  "AmazonEKSNetworkingPolicy",
  "AmazonEKSSecretAdminPolicy",
  "AmazonEKSSecretReaderPolicy",
  "AmazonEKSViewPolicy",
  "AWSBackupFullAccessPolicyForBackup",
  "AWSBackupFullAccessPolicyForRestore",
];

/** "Only available for AWS service-linked roles and can't be used with customer-managed roles", the same page says. */
const forServices = [
  "AmazonEKSBlockStorageClusterPolicy",
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSClusterInsightsPolicy",
  "AmazonEKSComputeClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSHybridPolicy",
  "AmazonEKSPodIdentityPolicy",
];

/** The ARN of an access policy, which has neither region nor account. */
export function accessPolicyArn(partition: string, name: string): string {
  return `arn:${partition}:eks::aws:cluster-access-policy/${name}`;
}

/** The name in the ARN of an access policy that exists in a partition. */
export function accessPolicyName(partition: string, arn: string): string | undefined {
  return [...forEverybody, ...forServices].find((name) => accessPolicyArn(partition, name) === arn);
}

/** Whether only service-linked roles may have a policy. */
export function isForServices(name: string): boolean {
  return forServices.includes(name);
}
