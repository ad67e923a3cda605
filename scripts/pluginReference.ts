import type { EnumSpec, FunctionSpec, ObjectSpec, PackageSpec, TypeSpec } from "../provider/plugin/schema/index.ts";

const languages = [
  ["python", "Python"],
  ["go", "Go"],
  ["csharp", "C#"],
  ["java", "Java"],
  ["yaml", "YAML"],
] as const;

/** The page that tells of the package in every language but that of the npm package, made from its schema. */
export function pluginReference({ resources, functions, provider, types }: PackageSpec): string {
  return `# Reference for YAML, Python, Go, C# and Java

The resources, the functions and the settings of the package \`aws-auth\`, for [programs in these languages](other-languages.md). \`npm run docs\` generates this page from the schema in \`provider/plugin/schema/\`.

A property has the name in the column of the language. Types are those of the language: a list of strings is \`List<String>\` in Java, and \`pulumi.StringArray\` in Go. Of an input, \`required\` says that it cannot be left out; of what is read, \`always\` says that it is never absent; \`replaces\` says that a change replaces the resource.

| language | package | a resource | provider |
| --- | --- | --- | --- |
| YAML | \`aws-auth\` | \`aws-auth:IdentityMapping\` | \`pulumi:providers:aws-auth\` |
| Python | \`pulumi_aws_auth\` | \`IdentityMapping\` | \`Provider\` |
| Go | \`example.com/pulumi-aws-auth/sdk/go/awsauth\` | \`NewIdentityMapping\` | \`NewProvider\` |
| C# | \`Pulumi.AwsAuth\` | \`IdentityMapping\` | \`Provider\` |
| Java | \`com.pulumi.awsauth\` | \`IdentityMapping\` | \`Provider\` |

${Object.entries(resources)
  .map(([token, { description, inputProperties, requiredInputs = [], isComponent, ...outputs }]) => {
    return section(nameOf(token), description, [
      ["Inputs", { description: "", properties: inputProperties, required: requiredInputs }],
      ["Outputs", { ...outputs, description: isComponent ? "" : "The ID, and:" }],
    ]);
  })
  .join("")}${Object.entries(functions).map(functionSection).join("")}## Provider

${provider.description}

${table({ properties: provider.inputProperties })}
${Object.entries(types).map(typeSection).join("")}`;
}

function functionSection([token, { description, inputs, outputs }]: [string, FunctionSpec]): string {
  const name = nameOf(token);
  const calls = `Called \`${snakeCase(name)}\` in Python, \`${pascalCase(name)}\` in Go, \`${pascalCase(name)}.Invoke\` in C#, \`AwsauthFunctions.${name}\` in Java, and \`aws-auth:${name}\` in YAML. \`${snakeCase(name)}_output\` in Python, \`${pascalCase(name)}Output\` in Go, and the other two as they are, take outputs of resources.`;
  const [words = "", examples = ""] = description.split("\n\n{{% examples %}}");
  return section(name, `${words}\n\n${calls}\n\n{{% examples %}}${examples}`, [
    ["Inputs", { ...inputs, description: "" }],
    ["Result", { ...outputs, description: "" }],
  ]);
}

function typeSection([token, type]: [string, ObjectSpec | EnumSpec]): string {
  const heading = `\n## ${nameOf(token)}\n\n${type.description}\n\n`;
  if ("properties" in type) {
    return `${heading}${table(type)}`;
  }
  const rows = type.enum.map(({ name, value, description }) => {
    const ofPython = `${nameOf(token)}.${snakeCase(name).replace(/^_/, "").toUpperCase()}`;
    const ofOthers = `${nameOf(token)}.${name}`;
    return `| \`${value}\` | \`${ofPython}\` | \`${ofOthers.replace(".", "")}\` | \`${ofOthers}\` | ${description} |\n`;
  });
  return `${heading}| YAML | Python | Go | C#, Java | |\n| --- | --- | --- | --- | --- |\n${rows.join("")}`;
}

function section(name: string, description: string, tables: readonly (readonly [string, ObjectSpec])[]): string {
  const [words = "", examples = ""] = description.split("\n\n{{% examples %}}");
  const shown = languages.map(([language, title]) => {
    const [text = ""] = new RegExp(`\`\`\`${language}\\n[\\s\\S]*?\`\`\`\\n`).exec(examples) ?? [];
    return `In ${title}:\n\n${text}\n`;
  });
  const parts = tables.map(([title, object]) => {
    const above = object.description === "" ? "" : `${object.description}\n\n`;
    return `### ${title} of ${name}\n\n${above}${table(object, title === "Inputs" ? "required" : "always")}\n`;
  });
  const example = examples === "" ? "" : `### Example of ${name}\n\n${shown.join("")}`;
  return `## ${name}\n\n${words}\n\n${parts.join("")}${example}`;
}

/** The table of an object's properties; `word` is for those that it requires. */
function table({ properties, required = [] }: Pick<ObjectSpec, "properties" | "required">, word = "always"): string {
  const rows = Object.entries(properties).map(([name, property]) => {
    const { secret, willReplaceOnChanges, description } = property;
    const marks = `${required.includes(name) ? `, ${word}` : ""}${secret ? ", secret" : ""}${willReplaceOnChanges ? ", replaces" : ""}`;
    return `| \`${name}\` | \`${snakeCase(name)}\` | \`${pascalCase(name)}\` | ${typeName(property)}${marks} | ${description} |\n`;
  });
  return `| YAML, Java | Python | C#, Go | type | |\n| --- | --- | --- | --- | --- |\n${rows.join("")}`;
}

function typeName({ type, items, $ref, oneOf }: TypeSpec): string {
  if (oneOf !== undefined) {
    return oneOf.map(typeName).join(" or ");
  }
  if ($ref !== undefined) {
    if ($ref === "pulumi.json#/Any") {
      return "any value";
    }
    const name = nameOf($ref);
    return `[${name}](#${name.toLowerCase()})`;
  }
  return items === undefined ? (type ?? "") : `list of ${typeName(items)}`.replace(/string$/, "strings");
}

function nameOf(token: string): string {
  return token.replace(/^.*:/, "");
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]+s?(?![a-z])|[A-Z]/g, (letters) => `_${letters.toLowerCase()}`);
}

function pascalCase(name: string): string {
  return name.replace(/^./, (letter) => letter.toUpperCase());
}
