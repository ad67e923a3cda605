import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const subnetIds = new pulumi.Config().requireObject<string[]>("subnetIds");

const service = new aws.iam.Role("eks", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "eks.amazonaws.com" }),
});
const policy = new aws.iam.RolePolicyAttachment("eks", {
  role: service.name,
  policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
});

const cluster = new aws.eks.Cluster(
  "demo",
  {
    roleArn: service.arn,
    vpcConfig: { subnetIds },
    // The creator of the cluster may write aws-auth, and the cluster reads it.
    accessConfig: { authenticationMode: "API_AND_CONFIG_MAP", bootstrapClusterCreatorAdminPermissions: true },
  },
  { dependsOn: policy },
);

// IAM decides who in the account may assume it. The groups decide what it may do in the cluster.
const developers = new aws.iam.Role("developers", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ AWS: aws.getCallerIdentityOutput().accountId }),
});

// In the first preview, neither the cluster nor the role exists, so it contacts nothing.
new awsAuth.IdentityMapping(
  "developers",
  { cluster, arn: developers.arn, username: "developer:{{SessionName}}", groups: ["viewers"] },
  // The map is deleted with the cluster, so the entry need not be removed first.
  { deletedWith: cluster },
);

// Access policies for namespaces are access entries of @pulumi/aws. This package never modifies them.
const auditors = new aws.iam.Role("auditors", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ AWS: aws.getCallerIdentityOutput().accountId }),
});
const entry = new aws.eks.AccessEntry("auditors", { clusterName: cluster.name, principalArn: auditors.arn });
new aws.eks.AccessPolicyAssociation("auditors", {
  clusterName: cluster.name,
  principalArn: entry.principalArn,
  policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
  accessScope: { type: "namespace", namespaces: ["default"] },
});

/** The name of the cluster, for `aws eks update-kubeconfig`. */
export const clusterName = cluster.name;
