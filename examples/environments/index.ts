import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// Which cluster, and how to reach it, stands in the stack's configuration (aws-auth:*), and so does what differs between environments.
const config = new pulumi.Config();
const account = config.require("account");

// Without this entry the nodes drop out of the cluster: no run removes or replaces it until its protection is lifted.
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
