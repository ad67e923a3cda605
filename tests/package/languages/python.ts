import { join } from "node:path";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { arn, cachePath, createProject, type Language, type Mapping, type Mappings } from "./language.ts";

const imports = "import pulumi\nimport pulumi_aws_auth as aws_auth\n\n";

/** Pins the versions of all packages that pip installs. */
const constraints = join(import.meta.dirname, "python-constraints.txt");
const env = {
  PIP_CACHE_DIR: cachePath("pip"),
  PIP_CONSTRAINT: constraints,
  PIP_BUILD_CONSTRAINT: constraints,
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
};

/** Programs in Python. */
export const python: Language = {
  name: "Python",
  options: async () => {
    const { "pulumi-language-python": host } = await ensureParts(["pulumi-language-python"]);
    return { programs: [host.directory], env };
  },
  setUp: (project) =>
    createProject(project, "{ name: python, options: { toolchain: pip, virtualenv: venv } }", {
      "requirements.txt": "pulumi>=3.0.0,<4.0.0\n",
    }),
  write: (project, program) => project.write("__main__.py", program),
  program: (mappings, usernames = {}) => {
    const outputs = Object.entries(usernames).map(
      ([name, mapping]) => `pulumi.export("${name}", ${mapping}.username)\n`,
    );
    return imports + declarations(mappings) + outputs.join("");
  },
  withImported: (printed, mappings) => {
    const [code = ""] = /^import pulumi\n[\s\S]*\)\n/m.exec(printed) ?? [];
    return code + declarations(mappings);
  },
  codeOfImport: `ci = aws_auth.IdentityMapping("ci",
    arn=${arn("ci")},
    groups=["deployers"],
    username="ci")
`,
  functions: `${imports}
found = aws_auth.get_identity_mappings(arn=${arn("ci")})
later = aws_auth.get_identity_mappings_output(arn=pulumi.Output.from_input(${arn("ci")}))
pulumi.export("username", found.mappings[0].username)
pulumi.export("groups", found.mappings[0].groups)
pulumi.export("position", found.mappings[0].position)
pulumi.export("later", later.apply(lambda result: len(result.mappings)))
`,
  values: `${imports}
first = aws_auth.IdentityMapping("first", arn=${arn("first")}, username="first")
aws_auth.IdentityMapping("late", arn=${arn("late")}, username=first.id.apply(lambda id: "late-" + id.split("/")[-1]))
elsewhere = aws_auth.Provider("elsewhere", manifest="other.yaml")
aws_auth.IdentityMapping("there", arn=${arn("there")}, username="there", opts=pulumi.ResourceOptions(provider=elsewhere))
`,
};

function declarations(mappings: Mappings): string {
  return Object.entries(mappings).map(declaration).join("");
}

function declaration([name, { properties, options = {} }]: [string, Mapping]): string {
  const { dependsOn = [], aliases = [], ...others } = options;
  const inPython = {
    ...literals(others),
    dependsOn: `[${dependsOn.join(", ")}]`,
    aliases: `[${aliases.map((alias) => `pulumi.Alias(name="${alias}")`).join(", ")}]`,
  };
  return `${name} = aws_auth.IdentityMapping("${name}", ${keywords(literals(properties))}, opts=pulumi.ResourceOptions(${keywords(inPython)}))\n`;
}

function literals(values: Mapping["properties"]): Record<string, string> {
  const literal = (value: unknown) => (typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, literal(value)]));
}

/** Keyword arguments, with names in snake case. */
function keywords(values: Readonly<Record<string, string>>): string {
  const inSnakeCase = (name: string) => name.replace(/[A-Z]+/g, (letters) => `_${letters.toLowerCase()}`);
  return Object.entries(values)
    .map(([name, value]) => `${inSnakeCase(name)}=${value}`)
    .join(", ");
}
