import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// The stack's configuration says where mappings are stored: aws-auth:authenticationMode. This program stays as it is throughout the move.
const account = new pulumi.Config().require("account");

// ARNs have the role's path, which an access entry needs; aws-auth gets them without it.
new awsAuth.IdentityMapping("platform-admins", {
  arn: `arn:aws:iam::${account}:role/platform/admins`,
  username: "platform-admin:{{SessionName}}",
  groups: ["system:masters"],
});

new awsAuth.IdentityMapping("developers", {
  arn: `arn:aws:iam::${account}:role/developers`,
  username: "developer:{{SessionName}}",
  groups: ["viewers"],
});

// No access entry lets in a whole account, so that this one stays in aws-auth until its roles are mapped one by one.
new awsAuth.IdentityMapping("sandbox", { account: "444455556666", authenticationMode: "CONFIG_MAP" });
