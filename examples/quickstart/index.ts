import * as awsAuth from "pulumi-aws-auth";

// The stack names the cluster: see `pulumi config set aws-auth:cluster`.

new awsAuth.IdentityMapping("platform-admins", {
  arn: "arn:aws:iam::111122223333:role/platform-admins",
  username: "platform-admin:{{SessionName}}",
  groups: ["system:masters"],
});

new awsAuth.IdentityMapping("on-call", {
  arn: "arn:aws:iam::111122223333:user/on-call",
  username: "on-call",
  groups: ["on-call", "viewers"],
});

new awsAuth.IdentityMapping("sandbox", { account: "012345678901" });
