import { join } from "node:path";
import { type Language, type Mapping, type Mappings, snakeCase } from "./language.ts";
import { begin, kept, optionsOf } from "./sdkProject.ts";

const imports = "import pulumi\nimport pulumi_aws_auth as aws_auth\n\n";

/** The versions of all packages that pip installs, so that the tests are the same tomorrow. */
const constraints = join(import.meta.dirname, "python-constraints.txt");
const pipSettings = {
  PIP_CACHE_DIR: kept("pip"),
  PIP_CONSTRAINT: constraints,
  PIP_BUILD_CONSTRAINT: constraints,
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
};

/** Programs in Python. */
export const python: Language = {
  name: "Python",
  options: () => optionsOf("pulumi-language-python", pipSettings),
  setUp: (project) =>
    begin(project, {
      runtime: "{ name: python, options: { toolchain: pip, virtualenv: venv } }",
      files: { "requirements.txt": "pulumi>=3.0.0,<4.0.0\n" },
    }),
  write: (project, program) => project.write("__main__.py", program),
  program: (mappings, usernames = {}) => {
    const outputs = Object.entries(usernames).map(([name, mapping]) => {
      return `pulumi.export("${name}", ${mapping}.username)\n`;
    });
    return imports + declarations(mappings) + outputs.join("");
  },
  withImported: (printed, mappings) => {
    const [code = ""] = /^import pulumi\n[\s\S]*\)\n/m.exec(printed) ?? [];
    return code + declarations(mappings);
  },
  codeOfImport: `ci = aws_auth.IdentityMapping("ci",
    arn="arn:aws:iam::111122223333:role/ci",
    groups=["deployers"],
    username="ci")
`,
};

function declarations(mappings: Mappings): string {
  return Object.entries(mappings).map(declaration).join("");
}

function declaration([name, { properties, options = {} }]: [string, Mapping]): string {
  const { dependsOn = [], aliases = [], ...others } = options;
  const inPython = {
    ...Object.fromEntries(Object.entries(others).map(([option, value]) => [option, literal(value)])),
    dependsOn: `[${dependsOn.join(", ")}]`,
    aliases: `[${aliases.map((alias) => `pulumi.Alias(name="${alias}")`).join(", ")}]`,
  };
  const values = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, literal(value)]));
  return `${name} = aws_auth.IdentityMapping("${name}", ${keywords(values)}, opts=pulumi.ResourceOptions(${keywords(inPython)}))\n`;
}

function keywords(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${snakeCase(name)}=${value}`)
    .join(", ");
}

function literal(value: string | boolean | readonly string[]): string {
  return typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);
}
