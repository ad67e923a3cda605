import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// aws-auth:authenticationMode in the stack configuration specifies where mappings are stored. The program does not change during the move.
const config = new pulumi.Config();
const account = config.require("account");

// ARNs with the role's path, which an access entry needs. In aws-auth, they are written without it.
new awsAuth.IdentityMapping("platform-admins", {
  arn: `arn:aws:iam::${account}:role/platform/admins`,
  username: "platform-admin:{{SessionName}}",
  groups: ["system:masters"],
});

const developers = new awsAuth.IdentityMapping("developers", {
  arn: `arn:aws:iam::${account}:role/developers`,
  username: "developer:{{SessionName}}",
  groups: ["viewers"],
});

// An account cannot be an access entry, so this mapping stays in aws-auth until the roles of the account are mapped one by one.
new awsAuth.IdentityMapping("sandbox", { account: config.require("sandboxAccount"), authenticationMode: "CONFIG_MAP" });

/** The mapping's ID: its cluster and role. */
export const mapping = developers.id;
