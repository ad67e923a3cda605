import * as awsAuth from "pulumi-aws-auth";

new awsAuth.IdentityMapping(
  "nodes",
  {
    arn: "arn:aws:iam::111122223333:role/nodes",
    username: "system:node:{{EC2PrivateDNSName}}",
    groups: ["system:bootstrappers", "system:nodes"],
  },
  { protect: true },
);

new awsAuth.IdentityMapping("platform-admins", {
  arn: "arn:aws:iam::111122223333:role/platform-admins",
  username: "platform-admin:{{SessionName}}",
  groups: ["system:masters"],
});

new awsAuth.IdentityMapping("developers", {
  arn: "arn:aws:iam::111122223333:role/developers",
  username: "developer:{{SessionName}}",
  groups: ["viewers"],
});
