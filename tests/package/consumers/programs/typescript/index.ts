import * as awsAuth from "pulumi-aws-auth";

// An enum needs a compiler; Node's own reading of TypeScript refuses it.
enum Group {
  Viewers = "viewers",
}

const dev = new awsAuth.IdentityMapping("dev", {
  arn: "arn:aws:iam::111122223333:role/dev",
  username: "dev",
  groups: [Group.Viewers],
});
new awsAuth.IdentityMapping("sandbox", { account: "012345678901" });

export const username = dev.username;
