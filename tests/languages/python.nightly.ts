import { describeLife } from "./life.ts";
import { describePrograms } from "./programs.ts";
import { python } from "./python.ts";

describeLife(python);

describePrograms(python, {
  functions: `
import pulumi
import pulumi_aws_auth as aws_auth

ci = "arn:aws:iam::111122223333:role/ci"
found = aws_auth.get_identity_mappings(arn=ci)
later = aws_auth.get_identity_mappings_output(arn=pulumi.Output.from_input(ci))
pulumi.export("username", found.mappings[0].username)
pulumi.export("groups", found.mappings[0].groups)
pulumi.export("position", found.mappings[0].position)
pulumi.export("later", later.apply(lambda result: len(result.mappings)))
`,
  values: `
import pulumi
import pulumi_aws_auth as aws_auth

def arn(name):
    return "arn:aws:iam::111122223333:role/" + name

first = aws_auth.IdentityMapping("first", arn=arn("first"), username="first")
aws_auth.IdentityMapping("late", arn=arn("late"), username=first.id.apply(lambda id: "late-" + id.split("/")[-1]))
elsewhere = aws_auth.Provider("elsewhere", manifest="other.yaml")
aws_auth.IdentityMapping("there", arn=arn("there"), username="there", opts=pulumi.ResourceOptions(provider=elsewhere))
`,
});
