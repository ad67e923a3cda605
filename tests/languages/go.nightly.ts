import { go } from "./go.ts";
import { describeLife } from "./life.ts";
import { describePrograms } from "./programs.ts";

const head = `package main

import (
	"strings"

	"example.com/pulumi-aws-auth/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func arn(name string) string {
	return strings.Join([]string{"arn:aws:iam::111122223333:role", name}, "/")
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
`;
const tail = "\t\treturn nil\n\t})\n}\n";

describeLife(go);

describePrograms(go, {
  functions: `${head}
		found, err := awsauth.GetIdentityMappings(ctx, &awsauth.GetIdentityMappingsArgs{Arn: pulumi.StringRef(arn("ci"))})
		if err != nil {
			return err
		}
		args := awsauth.GetIdentityMappingsOutputArgs{Arn: pulumi.String(arn("ci")).ToStringOutput()}
		later := awsauth.GetIdentityMappingsOutput(ctx, args).Mappings().ApplyT(func(found []awsauth.FoundIdentityMapping) int {
			return len(found)
		})
		ctx.Export("username", pulumi.StringPtrFromPtr(found.Mappings[0].Username))
		ctx.Export("groups", pulumi.ToStringArray(found.Mappings[0].Groups))
		ctx.Export("position", pulumi.Int(found.Mappings[0].Position))
		ctx.Export("later", later)
${tail}`,
  values: `${head}
		mapped := func(name string, arn pulumi.StringInput, username pulumi.StringInput, options ...pulumi.ResourceOption) (*awsauth.IdentityMapping, error) {
			return awsauth.NewIdentityMapping(ctx, name, &awsauth.IdentityMappingArgs{
				Arn: arn.ToStringOutput(), Username: username.ToStringOutput(),
			}, options...)
		}
		first, err := mapped("first", pulumi.String(arn("first")), pulumi.String("first"))
		if err != nil {
			return err
		}
		late := first.ID().ToStringOutput().ApplyT(func(id string) string {
			return "late-" + id[strings.LastIndex(id, "/")+1:]
		}).(pulumi.StringOutput)
		if _, err := mapped("late", pulumi.String(arn("late")), late); err != nil {
			return err
		}
		elsewhere, err := awsauth.NewProvider(ctx, "elsewhere", &awsauth.ProviderArgs{Manifest: pulumi.String("other.yaml")})
		if err != nil {
			return err
		}
		_, err = mapped("there", pulumi.String(arn("there")), pulumi.String("there"), pulumi.Provider(elsewhere))
		if err != nil {
			return err
		}
${tail}`,
});
