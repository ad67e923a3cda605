/** A resource as programs declare it. */
export interface Example {
  readonly title: string;
  /** The name of the resource's type, without that of the package. */
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly (readonly [name: string, value: string | readonly string[]])[];
}

/** The text of a program in every language of Pulumi. */
export interface Programs {
  readonly typescript: string;
  readonly python: string;
  readonly csharp: string;
  readonly go: string;
  readonly java: string;
  readonly yaml: string;
}

/** The examples at the end of a description, as Pulumi's generators take them apart for each language. */
export function usage(...examples: readonly ({ readonly title: string } & Programs)[]): string {
  const shown = examples.map(({ title, ...programs }) => {
    const blocks = Object.entries(programs).map(([language, text]) => `\`\`\`${language}\n${text}\`\`\`\n`);
    return `{{% example %}}\n### ${title}\n\n${blocks.join("")}{{% /example %}}\n`;
  });
  return `{{% examples %}}\n## Example Usage\n${shown.join("")}{{% /examples %}}`;
}

/** How resources are declared. */
export function examples(...given: readonly Example[]): string {
  return usage(
    ...given.map((example) => ({
      title: example.title,
      typescript: `${typescript(example)}\n`,
      python: `${python(example)}\n`,
      csharp: `${csharp(example)}\n`,
      go: `${go(example)}\n`,
      java: `${java(example)}\n`,
      yaml: `${yaml(example)}\n`,
    })),
  );
}

/** One line for each input. */
function lines({ inputs }: Example, line: (name: string, value: string | readonly string[]) => string): string {
  return inputs.map(([name, value]) => line(name, value)).join("\n");
}

function typescript(example: Example): string {
  return `import * as awsAuth from "@pulumi/aws-auth";

const ${example.name} = new awsAuth.${example.type}("${example.name}", {
${lines(example, (name, value) => `    ${name}: ${JSON.stringify(value)},`)}
});`;
}

function python(example: Example): string {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `import pulumi_aws_auth as aws_auth

${example.name} = aws_auth.${example.type}("${example.name}",
${lines(example, (name, value) => `    ${snake(name)}=${JSON.stringify(value)},`).slice(0, -1)})`;
}

function csharp(example: Example): string {
  const literal = (value: string | readonly string[]) =>
    typeof value === "string"
      ? JSON.stringify(value)
      : `new[] { ${value.map((item) => JSON.stringify(item)).join(", ")} }`;
  return `using Pulumi;
using AwsAuth = Pulumi.AwsAuth;

return await Deployment.RunAsync(() =>
{
    var ${example.name} = new AwsAuth.${example.type}("${example.name}", new()
    {
${lines(example, (name, value) => `        ${capitalized(name)} = ${literal(value)},`)}
    });
});`;
}

function go(example: Example): string {
  const width = Math.max(...example.inputs.map(([name]) => name.length)) + 1;
  const field = (name: string, value: string | readonly string[]) => {
    const text =
      typeof value === "string"
        ? `pulumi.String(${JSON.stringify(value)})`
        : `pulumi.StringArray{${value.map((item) => `pulumi.String(${JSON.stringify(item)})`).join(", ")}}`;
    return `\t\t\t${`${capitalized(name)}:`.padEnd(width)} ${text},`;
  };
  return `package main

import (
	"example.com/pulumi-aws-auth/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := awsauth.New${example.type}(ctx, "${example.name}", &awsauth.${example.type}Args{
${lines(example, field)}
		})
		return err
	})
}`;
}

function java(example: Example): string {
  const literals = (value: string | readonly string[]) =>
    [value]
      .flat()
      .map((item) => JSON.stringify(item))
      .join(", ");
  return `package generated_program;

import com.pulumi.Pulumi;
import com.pulumi.awsauth.${example.type};
import com.pulumi.awsauth.${example.type}Args;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var ${example.name} = new ${example.type}("${example.name}", ${example.type}Args.builder()
${lines(example, (name, value) => `                .${name}(${literals(value)})`)}
                .build());
        });
    }
}`;
}

function yaml(example: Example): string {
  const text = (value: string | readonly string[]) =>
    typeof value === "string" ? ` ${value}` : value.map((item) => `\n        - ${item}`).join("");
  return `resources:
  ${example.name}:
    type: aws-auth:${example.type}
    properties:
${lines(example, (name, value) => `      ${name}:${text(value)}`)}`;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
