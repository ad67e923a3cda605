import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const account = new pulumi.Config().require("account");

// The entry already has this content; only its claim is written.
new awsAuth.IdentityMapping("ci", {
  arn: `arn:aws:iam::${account}:role/ci`,
  username: "ci",
  groups: ["deployers"],
});

// The map has two entries with other content for this role. With adopt, the entry that takes effect is edited in place, and the shadowed one
// is removed. Without adopt, the preview fails.
const dev = new awsAuth.IdentityMapping("dev", {
  arn: `arn:aws:iam::${account}:role/dev`,
  username: "dev:{{SessionName}}",
  groups: ["developers", "viewers"],
  adopt: true,
});

/** The mapping's ID: its cluster and role. */
export const adopted = dev.id;
