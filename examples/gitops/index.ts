import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// The stack names the manifest: clusters/staging.yaml or clusters/prod.yaml.
const account = pulumi.getStack() === "prod" ? "333344445555" : "222233334444";

new awsAuth.IdentityMapping("platform-admins", {
  arn: `arn:aws:iam::${account}:role/platform-admins`,
  username: "platform-admin:{{SessionName}}",
  groups: ["system:masters"],
});

new awsAuth.IdentityMapping("developers", {
  arn: `arn:aws:iam::${account}:role/developers`,
  username: "developer:{{SessionName}}",
  groups: ["viewers"],
});
