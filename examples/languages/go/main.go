package main

import (
	"github.com/OWNER/pulumi-aws-auth/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// The stack configuration specifies the role and the cluster.
func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := awsauth.NewIdentityMapping(ctx, "developers", &awsauth.IdentityMappingArgs{
			Arn:      pulumi.String(config.New(ctx, "").Require("roleArn")),
			Username: pulumi.String("developer:{{SessionName}}"),
			Groups:   pulumi.ToStringArray([]string{"developers"}),
		})
		if err != nil {
			return err
		}

		// The entries in the map before this run.
		found, err := awsauth.GetIdentityMappings(ctx, &awsauth.GetIdentityMappingsArgs{})
		if err != nil {
			return err
		}
		arns := pulumi.Array{}
		for _, mapping := range found.Mappings {
			arns = append(arns, pulumi.StringPtrFromPtr(mapping.Arn))
		}
		ctx.Export("found", arns)
		return nil
	})
}
