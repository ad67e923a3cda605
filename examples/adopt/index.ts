import * as awsAuth from "pulumi-aws-auth";

// The entry has this content already: only its claim is written.
new awsAuth.IdentityMapping("ci", {
  arn: "arn:aws:iam::111122223333:role/ci",
  username: "ci",
  groups: ["deployers"],
});

// The map has two entries with other content for this role. With adopt, the entry in force is edited in place, and the shadowed one is
// removed. Without adopt, the preview fails.
new awsAuth.IdentityMapping("dev", {
  arn: "arn:aws:iam::111122223333:role/dev",
  username: "dev:{{SessionName}}",
  groups: ["developers", "viewers"],
  adopt: true,
});

// The program does not manage the node role, so its entry does not change.
