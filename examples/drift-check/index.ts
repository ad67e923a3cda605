import * as awsAuth from "pulumi-aws-auth";

new awsAuth.IdentityMapping("on-call", {
  arn: "arn:aws:iam::111122223333:role/on-call",
  username: "on-call:{{SessionName}}",
  groups: ["on-call", "viewers"],
});

new awsAuth.IdentityMapping("ci", {
  arn: "arn:aws:iam::111122223333:role/ci",
  username: "ci",
  groups: ["deployers"],
});
