const awsAuth = require("pulumi-aws-auth");

new awsAuth.IdentityMapping("admin", {
  arn: "arn:aws:iam::111122223333:role/admin",
  username: "admin",
  groups: ["system:masters"],
});
new awsAuth.IdentityMapping("sandbox", { account: "012345678901" });
