import { expect } from "vitest";
import { type Language, type Mapping, type Mappings, pascalCase } from "./language.ts";
import { begin, kept, optionsOf } from "./sdkProject.ts";

// The modules of a project are written where Go would forbid to remove them.
const goSettings = { GOMODCACHE: kept("go", "mod"), GOCACHE: kept("go", "build"), GOFLAGS: "-modcacherw" };

/** Programs in Go. */
export const go: Language = {
  name: "Go",
  options: () => optionsOf("pulumi-language-go", goSettings),
  setUp: async (project) => {
    await begin(project, {
      runtime: "go",
      files: {
        "go.mod": "module test\n\ngo 1.26.0\n\nrequire github.com/pulumi/pulumi/sdk/v3 v3.274.1\n",
        "main.go": program("\t\t_ = awsauth.IdentityMappingArgs{}\n"),
      },
    });
    // The first build compiles the SDKs, which takes minutes.
    expect(await project.preview()).toMatchObject({ code: 0 });
  },
  write: (project, program) => project.write("main.go", program),
  program: (mappings, usernames = {}) => {
    const outputs = Object.entries(usernames).map(([name, mapping]) => {
      return `\t\tctx.Export("${name}", ${mapping}.Username)\n`;
    });
    return program(declarations(mappings) + outputs.join(""));
  },
  withImported: (printed, mappings) => {
    const [, body = ""] =
      /pulumi\.Run\(func\(ctx \*pulumi\.Context\) error \{\n([\s\S]*?)\t\treturn nil\n/.exec(printed) ?? [];
    return program(body + declarations(mappings));
  },
  codeOfImport: `		_, err := awsauth.NewIdentityMapping(ctx, "ci", &awsauth.IdentityMappingArgs{
			Arn: pulumi.String("arn:aws:iam::111122223333:role/ci"),
			Groups: pulumi.StringArray{
				pulumi.String("deployers"),
			},
			Username: pulumi.String("ci"),
		})
`,
};

function program(body: string): string {
  return `package main

import (
	"example.com/pulumi-aws-auth/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
${body}		return nil
	})
}
`;
}

function declarations(mappings: Mappings): string {
  return Object.entries(mappings).map(declaration).join("");
}

function declaration([name, { properties, options = {} }]: [string, Mapping]): string {
  const { dependsOn = [], aliases = [], ignoreChanges = [], protect = false, retainOnDelete = false } = options;
  const values = Object.entries(properties).map(([key, value]) => `${pascalCase(key)}: ${input(value)}`);
  const inGo = [
    `pulumi.DependsOn([]pulumi.Resource{${dependsOn.join(", ")}})`,
    `pulumi.Aliases([]pulumi.Alias{${aliases.map((alias) => `{Name: pulumi.String("${alias}")}`).join(", ")}})`,
    `pulumi.IgnoreChanges(${strings(ignoreChanges)})`,
    `pulumi.Protect(${protect})`,
    `pulumi.RetainOnDelete(${retainOnDelete})`,
  ];
  return `		${name}, err := awsauth.NewIdentityMapping(ctx, "${name}", &awsauth.IdentityMappingArgs{${values.join(", ")}}, ${inGo.join(", ")})
		if err != nil {
			return err
		}
		_ = ${name}
`;
}

function strings(values: readonly string[]): string {
  return `[]string{${values.map((value) => JSON.stringify(value)).join(", ")}}`;
}

function input(value: string | boolean | readonly string[]): string {
  if (typeof value === "boolean") {
    return `pulumi.Bool(${value})`;
  }
  return typeof value === "string"
    ? `pulumi.String(${JSON.stringify(value)})`
    : `pulumi.ToStringArray(${strings(value)})`;
}
