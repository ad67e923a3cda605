const awsAuth = require("pulumi-aws-auth");

new awsAuth.IdentityMapping("dev", { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers"] });
new awsAuth.IdentityMapping("sandbox", { account: "012345678901" });
