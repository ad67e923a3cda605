import { ensureParts } from "../../support/parts/ensureParts.ts";
import { cachesOf } from "./caches.ts";
import { arn, createProject, type Language } from "./language.ts";

const program = `import pulumi
import pulumi_aws_auth as aws_auth

first = aws_auth.IdentityMapping("first", arn=${arn("first")}, username="first")
aws_auth.IdentityMapping("late", arn=${arn("late")}, username=first.id.apply(lambda id: "late-" + id.split("/")[-1]))
elsewhere = aws_auth.Provider("elsewhere", manifest="other.yaml")
aws_auth.IdentityMapping("there", arn=${arn("there")}, username="there", opts=pulumi.ResourceOptions(provider=elsewhere))

found = aws_auth.get_identity_mappings(arn=${arn("ci")})
later = aws_auth.get_identity_mappings_output(arn=pulumi.Output.from_input(${arn("ci")}))
pulumi.export("username", found.mappings[0].username)
pulumi.export("groups", found.mappings[0].groups)
pulumi.export("position", found.mappings[0].position)
pulumi.export("later", later.apply(lambda result: len(result.mappings)))
`;

/** Programs in Python. */
export const python: Language = {
  name: "python",
  options: async () => {
    const { "pulumi-language-python": host } = await ensureParts(["pulumi-language-python"]);
    return { programs: [host.directory], env: cachesOf.python };
  },
  setUp: (project) =>
    createProject(project, "{ name: python, options: { toolchain: pip, virtualenv: venv } }", {
      "requirements.txt": "pulumi>=3.0.0,<4.0.0\n",
      "__main__.py": program,
    }),
  imported: `admin = aws_auth.IdentityMapping("admin",
    arn=${arn("admin")},
    groups=["system:masters"],
    username="admin"`,
};
