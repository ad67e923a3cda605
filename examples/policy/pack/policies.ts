import { type ResourceValidationPolicy, validateResourceOfType } from "@pulumi/policy";
import { IdentityMapping } from "pulumi-aws-auth";

/** The policies for every mapping of a program. */
export const policies: ResourceValidationPolicy[] = [
  {
    name: "aws-auth-no-users",
    description: "IAM users have access keys that do not expire. Map roles instead.",
    enforcementLevel: "mandatory",
    validateResource: validateResourceOfType(IdentityMapping, ({ arn }, _, reportViolation) => {
      if (/^arn:[^:]*:iam::\d*:user\//i.test(arn ?? "")) {
        reportViolation(`${arn} is an IAM user; map a role`);
      }
    }),
  },
  {
    name: "aws-auth-administrators",
    description: "Members of system:masters may do everything, and no RBAC rule limits them.",
    enforcementLevel: "mandatory",
    configSchema: {
      properties: {
        allowed: { type: "array", items: { type: "string" }, default: [] },
      },
    },
    validateResource: validateResourceOfType(IdentityMapping, ({ arn, groups }, args, reportViolation) => {
      const { allowed } = args.getConfig<{ allowed: string[] }>();
      if (groups?.includes("system:masters") && !allowed.includes(arn ?? "")) {
        reportViolation(`${arn} is not among the administrators that the policy allows`);
      }
    }),
  },
  {
    name: "aws-auth-protect-nodes",
    description: "Nodes cannot join the cluster unless their role is mapped.",
    enforcementLevel: "mandatory",
    validateResource: validateResourceOfType(IdentityMapping, ({ arn, groups }, args, reportViolation) => {
      if (groups?.includes("system:nodes") && !args.opts.protect) {
        reportViolation(`${arn} is a node role; set the mapping's resource option protect: true`);
      }
    }),
  },
];
