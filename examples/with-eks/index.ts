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
    // Whoever runs this program may write aws-auth, and the cluster reads it.
    accessConfig: { authenticationMode: "API_AND_CONFIG_MAP", bootstrapClusterCreatorAdminPermissions: true },
  },
  { dependsOn: policy },
);

// Whom the account lets assume it is up to IAM; what it may do in the cluster, to the groups.
const developers = new aws.iam.Role("developers", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ AWS: aws.getCallerIdentityOutput().accountId }),
});

// Neither the cluster nor the role exists in the first preview: it plans the mapping, and contacts nothing.
new awsAuth.IdentityMapping(
  "developers",
  { cluster, arn: developers.arn, username: "developer:{{SessionName}}", groups: ["viewers"] },
  // When the cluster goes, so does its map: there is nothing to remove first.
  { deletedWith: cluster },
);

/** The name of the cluster, for `aws eks update-kubeconfig`. */
export const clusterName = cluster.name;
