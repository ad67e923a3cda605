import { usage } from "./examples";

/** How mappings are read. */
export const getIdentityMappingsExample = usage({
  title: "How many mappings a cluster has",
  typescript: `import * as awsAuth from "@pulumi/aws-auth";

const found = awsAuth.getIdentityMappingsOutput({ cluster: "prod" });
export const count = found.mappings.length;
`,
  python: `import pulumi
import pulumi_aws_auth as aws_auth

found = aws_auth.get_identity_mappings(cluster="prod")
pulumi.export("count", len(found.mappings))
`,
  csharp: `using System.Collections.Generic;
using Pulumi;
using AwsAuth = Pulumi.AwsAuth;

return await Deployment.RunAsync(() =>
{
    var found = AwsAuth.GetIdentityMappings.Invoke(new() { Cluster = "prod" });
    return new Dictionary<string, object?> { ["count"] = found.Apply(result => result.Mappings.Length) };
});
`,
  go: `package main

import (
	"example.com/pulumi-aws-auth/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		found, err := awsauth.GetIdentityMappings(ctx, &awsauth.GetIdentityMappingsArgs{Cluster: "prod"})
		if err != nil {
			return err
		}
		ctx.Export("count", pulumi.Int(len(found.Mappings)))
		return nil
	})
}
`,
  java: `package generated_program;

import com.pulumi.Pulumi;
import com.pulumi.awsauth.AwsauthFunctions;
import com.pulumi.awsauth.inputs.GetIdentityMappingsArgs;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var found = AwsauthFunctions.getIdentityMappings(GetIdentityMappingsArgs.builder()
                .cluster("prod")
                .build());
            ctx.export("count", found.applyValue(result -> result.mappings().size()));
        });
    }
}
`,
  yaml: `variables:
  found:
    fn::invoke:
      function: aws-auth:getIdentityMappings
      arguments:
        cluster: prod
outputs:
  mappings: \${found.mappings}
`,
});

/** How an identity is explained. */
export const explainExample = usage({
  title: "Which user a role becomes",
  typescript: `import * as awsAuth from "@pulumi/aws-auth";

const why = awsAuth.explainOutput({ cluster: "prod", arn: "arn:aws:iam::111122223333:role/admin" });
export const username = why.username;
`,
  python: `import pulumi
import pulumi_aws_auth as aws_auth

why = aws_auth.explain(cluster="prod", arn="arn:aws:iam::111122223333:role/admin")
pulumi.export("username", why.username)
`,
  csharp: `using System.Collections.Generic;
using Pulumi;
using AwsAuth = Pulumi.AwsAuth;

return await Deployment.RunAsync(() =>
{
    var why = AwsAuth.Explain.Invoke(new()
    {
        Cluster = "prod",
        Arn = "arn:aws:iam::111122223333:role/admin",
    });
    return new Dictionary<string, object?> { ["username"] = why.Apply(result => result.Username) };
});
`,
  go: `package main

import (
	"example.com/pulumi-aws-auth/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		why, err := awsauth.Explain(ctx, &awsauth.ExplainArgs{
			Cluster: "prod",
			Arn:     "arn:aws:iam::111122223333:role/admin",
		})
		if err != nil {
			return err
		}
		ctx.Export("username", pulumi.StringPtrFromPtr(why.Username))
		return nil
	})
}
`,
  java: `package generated_program;

import com.pulumi.Pulumi;
import com.pulumi.awsauth.AwsauthFunctions;
import com.pulumi.awsauth.inputs.ExplainArgs;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var why = AwsauthFunctions.explain(ExplainArgs.builder()
                .cluster("prod")
                .arn("arn:aws:iam::111122223333:role/admin")
                .build());
            ctx.export("username", why.applyValue(result -> result.username().orElse("")));
        });
    }
}
`,
  yaml: `variables:
  why:
    fn::invoke:
      function: aws-auth:explain
      arguments:
        cluster: prod
        arn: arn:aws:iam::111122223333:role/admin
outputs:
  username: \${why.username}
`,
});
