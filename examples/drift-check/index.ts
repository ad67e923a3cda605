import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// The stack configuration specifies the role and the cluster.
const config = new pulumi.Config();

const developers = new awsAuth.IdentityMapping("developers", {
  arn: config.require("roleArn"),
  username: "developer:{{SessionName}}",
  groups: ["developers"],
});

/** The mapping's ID: its cluster and role. */
export const mapping = developers.id;
