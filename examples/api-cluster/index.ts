import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const config = new pulumi.Config();

const service = new aws.iam.Role("eks", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "eks.amazonaws.com" }),
});
const policy = new aws.iam.RolePolicyAttachment("eks", {
  role: service.name,
  policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
});

const cluster = new aws.eks.Cluster(
  "prod",
  {
    name: "prod",
    roleArn: service.arn,
    vpcConfig: { subnetIds: config.requireObject<string[]>("subnetIds") },
    // The cluster has access entries only. EKS creates one for the role that creates the cluster.
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
  },
  { dependsOn: policy },
);

// In the first preview the cluster does not exist yet, so no request is made.
new awsAuth.IdentityMapping(
  "admins",
  { cluster, arn: config.require("adminRoleArn"), username: "admin:{{SessionName}}", groups: ["system:masters"] },
  // The access entry is deleted with the cluster, so it need not be removed first.
  { deletedWith: cluster },
);

/** For the stacks with mappings. */
export const clusterArn = cluster.arn;
