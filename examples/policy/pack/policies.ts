import { type ResourceValidationPolicy, validateResourceOfType } from "@pulumi/policy";
import { IdentityMapping } from "pulumi-aws-auth";

/** The policies for every mapping of a program. */
export const policies: ResourceValidationPolicy[] = [
  {
    name: "aws-auth-no-users",
    description: "IAM users have access keys that do not expire. People and programs assume roles.",
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
    description: "Without the mapping of its role, no node joins the cluster.",
    enforcementLevel: "mandatory",
    validateResource: validateResourceOfType(IdentityMapping, ({ arn, groups }, args, reportViolation) => {
      if (groups?.includes("system:nodes") && !args.opts.protect) {
        reportViolation(`${arn} is the role of nodes; give the mapping the resource option protect: true`);
      }
    }),
  },
];
