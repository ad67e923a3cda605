import { expect } from "vitest";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { arn, cachePath, createProject, type Language, type Mapping, type Mappings } from "./language.ts";

// Go makes its module cache read-only by default, so that it cannot be deleted.
const env = { GOMODCACHE: cachePath("go", "mod"), GOCACHE: cachePath("go", "build"), GOFLAGS: "-modcacherw" };

/** Programs in Go. */
export const go: Language = {
  name: "Go",
  options: async () => {
    const { "pulumi-language-go": host } = await ensureParts(["pulumi-language-go"]);
    return { programs: [host.directory], env };
  },
  setUp: async (project) => {
    await createProject(project, "go", {
      "go.mod": "module test\n\ngo 1.26.0\n\nrequire github.com/pulumi/pulumi/sdk/v3 v3.274.1\n",
      "main.go": program("\t\t_ = awsauth.IdentityMappingArgs{}\n"),
    });
    // The first build compiles the SDKs, which takes minutes.
    expect(await project.preview()).toMatchObject({ code: 0 });
  },
  write: (project, program) => project.write("main.go", program),
  program: (mappings, usernames = {}) => {
    const outputs = Object.entries(usernames).map(
      ([name, mapping]) => `\t\tctx.Export("${name}", ${mapping}.Username)\n`,
    );
    return program(declarations(mappings) + outputs.join(""));
  },
  withImported: (printed, mappings) => {
    const main = /pulumi\.Run\(func\(ctx \*pulumi\.Context\) error \{\n([\s\S]*?)\t\treturn nil\n/;
    const [, body = ""] = main.exec(printed) ?? [];
    return program(body + declarations(mappings));
  },
  codeOfImport: `		_, err := awsauth.NewIdentityMapping(ctx, "ci", &awsauth.IdentityMappingArgs{
			Arn: pulumi.String(${arn("ci")}),
			Groups: pulumi.StringArray{
				pulumi.String("deployers"),
			},
			Username: pulumi.String("ci"),
		})
`,
  functions: program(`
		found, err := awsauth.GetIdentityMappings(ctx, &awsauth.GetIdentityMappingsArgs{Arn: pulumi.StringRef(${arn("ci")})})
		if err != nil {
			return err
		}
		args := awsauth.GetIdentityMappingsOutputArgs{Arn: pulumi.String(${arn("ci")}).ToStringOutput()}
		later := awsauth.GetIdentityMappingsOutput(ctx, args).Mappings().ApplyT(func(found []awsauth.FoundIdentityMapping) int {
			return len(found)
		})
		ctx.Export("username", pulumi.StringPtrFromPtr(found.Mappings[0].Username))
		ctx.Export("groups", pulumi.ToStringArray(found.Mappings[0].Groups))
		ctx.Export("position", pulumi.Int(found.Mappings[0].Position))
		ctx.Export("later", later)
`),
  values: program(`
		mapped := func(name string, arn string, username pulumi.StringInput, options ...pulumi.ResourceOption) (*awsauth.IdentityMapping, error) {
			return awsauth.NewIdentityMapping(ctx, name, &awsauth.IdentityMappingArgs{
				Arn: pulumi.String(arn), Username: username.ToStringOutput(),
			}, options...)
		}
		first, err := mapped("first", ${arn("first")}, pulumi.String("first"))
		if err != nil {
			return err
		}
		late := first.ID().ToStringOutput().ApplyT(func(id string) string {
			return "late-" + id[len(id)-len("first"):]
		}).(pulumi.StringOutput)
		if _, err := mapped("late", ${arn("late")}, late); err != nil {
			return err
		}
		elsewhere, err := awsauth.NewProvider(ctx, "elsewhere", &awsauth.ProviderArgs{Manifest: pulumi.String("other.yaml")})
		if err != nil {
			return err
		}
		_, err = mapped("there", ${arn("there")}, pulumi.String("there"), pulumi.Provider(elsewhere))
		if err != nil {
			return err
		}
`),
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
  const inPascalCase = (key: string) => key.replace(/^./, (letter) => letter.toUpperCase());
  const values = Object.entries(properties).map(([key, value]) => `${inPascalCase(key)}: ${input(value)}`);
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

function input(value: Mapping["properties"][string]): string {
  if (typeof value === "boolean") {
    return `pulumi.Bool(${value})`;
  }
  return typeof value === "string" ? `pulumi.String("${value}")` : `pulumi.ToStringArray(${strings(value)})`;
}
