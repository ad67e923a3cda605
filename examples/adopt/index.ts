import * as awsAuth from "pulumi-aws-auth";

// The entry says the same already: it is taken into the state, and stays as it is.
new awsAuth.IdentityMapping("ci", {
  arn: "arn:aws:iam::111122223333:role/ci",
  username: "ci",
  groups: ["deployers"],
});

// The map says something else about this role, twice. With adopt the entry in force is edited in its place, and the one that it
// shadows is removed. Without adopt the preview fails.
new awsAuth.IdentityMapping("dev", {
  arn: "arn:aws:iam::111122223333:role/dev",
  username: "dev:{{SessionName}}",
  groups: ["developers", "viewers"],
  adopt: true,
});

// The node role is none of this program's business, and stays as it is.
