const pulumi = require("@pulumi/pulumi");
const awsAuth = require("pulumi-aws-auth");

/** A team's way into a cluster, as a company's platform package offers it. */
exports.TeamAccess = class TeamAccess extends pulumi.ComponentResource {
  constructor(name, args, options) {
    super("company:access:TeamAccess", name, {}, options);
    const child = { parent: this };
    const arn = `arn:aws:iam::111122223333:role/${name}`;
    this.role = new awsAuth.IdentityMapping(`${name}-role`, { arn, username: name, groups: args.groups }, child);
    this.account = new awsAuth.IdentityMapping(`${name}-account`, { account: args.account }, child);
    this.registerOutputs({ username: this.role.username });
  }
};
