import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// The stack configuration specifies the account and the manifest.
const account = new pulumi.Config().require("account");

new awsAuth.IdentityMapping("platform-admins", {
  arn: `arn:aws:iam::${account}:role/platform-admins`,
  username: "platform-admin:{{SessionName}}",
  groups: ["system:masters"],
});

const developers = new awsAuth.IdentityMapping("developers", {
  arn: `arn:aws:iam::${account}:role/developers`,
  username: "developer:{{SessionName}}",
  groups: ["viewers"],
});

/** The mapping's ID: its cluster and role. */
export const mapping = developers.id;
