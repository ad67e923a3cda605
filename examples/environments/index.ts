import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// The stack's configuration (aws-auth:*) names the cluster, the credentials, and the settings that differ between environments.
const config = new pulumi.Config();
const account = config.require("account");

// Without this entry, the nodes leave the cluster. No run removes or replaces it until it is unprotected.
new awsAuth.IdentityMapping(
  "nodes",
  {
    arn: `arn:aws:iam::${account}:role/nodes`,
    username: "system:node:{{EC2PrivateDNSName}}",
    groups: ["system:bootstrappers", "system:nodes"],
  },
  { protect: true },
);

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
