const { PolicyPack, validateResourceOfType } = require("@pulumi/policy");
const { IdentityMapping } = require("pulumi-aws-auth");

new PolicyPack("company", {
  policies: [
    {
      name: "no-masters",
      description: "Nobody but the platform team is in system:masters.",
      enforcementLevel: "mandatory",
      validateResource: validateResourceOfType(IdentityMapping, (mapping, _, reportViolation) => {
        if (mapping.groups?.includes("system:masters")) {
          reportViolation(`${mapping.arn} becomes ${mapping.username} in ${mapping.groups.join(", ")}`);
        }
      }),
    },
    {
      name: "inputs",
      description: "Shows what a policy sees.",
      enforcementLevel: "advisory",
      validateResource: validateResourceOfType(IdentityMapping, (mapping, args, reportViolation) => {
        reportViolation(`${args.name} sees ${JSON.stringify(mapping)}`);
      }),
    },
  ],
});
