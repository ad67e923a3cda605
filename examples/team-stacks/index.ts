import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// The policy allows the roles under the path /team-a/, and usernames and groups that begin with "team-a:".
const roles = `arn:aws:iam::${new pulumi.Config().require("account")}:role/team-a`;
const clusterName = new pulumi.Config("aws-auth").require("cluster");

const developers = new awsAuth.IdentityMapping("developers", {
  arn: `${roles}/team-a-developers`,
  username: "team-a:{{SessionName}}",
  groups: ["team-a:developers"],
});

// For an access policy in a namespace, use an access entry from @pulumi/aws. The IAM policy requires the type and the username.
const pipeline = new aws.eks.AccessEntry("pipeline", {
  clusterName,
  principalArn: `${roles}/team-a-pipeline`,
  type: "STANDARD",
  userName: "team-a:pipeline",
});
new aws.eks.AccessPolicyAssociation("pipeline", {
  clusterName,
  principalArn: pipeline.principalArn,
  policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
  accessScope: { type: "namespace", namespaces: ["team-a"] },
});

/** The mapping's ID: its cluster and role. */
export const mapping = developers.id;
