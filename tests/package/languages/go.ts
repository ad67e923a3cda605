import schema from "../../../provider/plugin/schema.json";
import { ensureParts } from "../../support/parts/ensureParts.ts";
import { cachesOf } from "./caches.ts";
import { arn, createProject, type Language } from "./language.ts";

const program = `package main

import (
	"${schema.repository.replace("https://", "")}/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
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
		if _, err = mapped("there", ${arn("there")}, pulumi.String("there"), pulumi.Provider(elsewhere)); err != nil {
			return err
		}
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
		return nil
	})
}
`;

/** Programs in Go. */
export const go: Language = {
  name: "go",
  options: async () => {
    const { "pulumi-language-go": host } = await ensureParts(["pulumi-language-go"]);
    return { programs: [host.directory], env: cachesOf.go };
  },
  setUp: (project) =>
    createProject(project, "go", {
      "go.mod": "module test\n\ngo 1.26.0\n\nrequire github.com/pulumi/pulumi/sdk/v3 v3.274.1\n",
      "main.go": program,
    }),
  imported: `		_, err := awsauth.NewIdentityMapping(ctx, "admin", &awsauth.IdentityMappingArgs{
			Arn: pulumi.String(${arn("admin")}),
			Groups: pulumi.StringArray{
				pulumi.String("system:masters"),
			},
			Username: pulumi.String("admin"),
		}`,
};
