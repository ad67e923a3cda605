const { IdentityMapping } = require("pulumi-aws-auth");

/** Lets a role of the company's account view what is in the cluster. */
exports.grantView = (role) =>
  new IdentityMapping(role, { arn: `arn:aws:iam::111122223333:role/${role}`, username: role, groups: ["viewers"] });
