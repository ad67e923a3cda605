import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// Which cluster, and how to reach it, stands in the stack's configuration (aws-auth:*), and so does what differs between environments.
const config = new pulumi.Config();
const account = config.require("account");

new awsAuth.IdentityMapping("platform-admins", {
  arn: `arn:aws:iam::${account}:role/platform-admins`,
  username: "platform-admin:{{SessionName}}",
  groups: ["system:masters"],
});

new awsAuth.IdentityMapping("developers", {
  arn: `arn:aws:iam::${account}:role/developers`,
  username: "developer:{{SessionName}}",
  groups: config.requireObject<string[]>("developerGroups"),
});
