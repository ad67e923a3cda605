package main

import (
	"github.com/OWNER/pulumi-aws-auth/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The stack names the cluster: see `pulumi config set aws-auth:cluster`.
func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := awsauth.NewIdentityMapping(ctx, "platform-admins", &awsauth.IdentityMappingArgs{
			Arn:      pulumi.String("arn:aws:iam::111122223333:role/platform-admins"),
			Username: pulumi.String("platform-admin:{{SessionName}}"),
			Groups:   pulumi.ToStringArray([]string{"system:masters"}),
		})
		if err != nil {
			return err
		}
		_, err = awsauth.NewIdentityMapping(ctx, "on-call", &awsauth.IdentityMappingArgs{
			Arn:      pulumi.String("arn:aws:iam::111122223333:user/on-call"),
			Username: pulumi.String("on-call"),
			Groups:   pulumi.ToStringArray([]string{"on-call", "viewers"}),
		})
		if err != nil {
			return err
		}
		_, err = awsauth.NewIdentityMapping(ctx, "sandbox", &awsauth.IdentityMappingArgs{
			Account: pulumi.String("012345678901"),
		})
		if err != nil {
			return err
		}

		// The entries of the map before this run.
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
