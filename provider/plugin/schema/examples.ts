/** How the resource is declared, in every language of Pulumi. */
export const examples = `{{% examples %}}
## Example Usage
{{% example %}}
### An administrator

\`\`\`typescript
import * as awsAuth from "@pulumi/aws-auth";

const admin = new awsAuth.IdentityMapping("admin", {
    cluster: "prod",
    arn: "arn:aws:iam::111122223333:role/admin",
    username: "admin",
    groups: ["system:masters"],
});
\`\`\`
\`\`\`python
import pulumi_aws_auth as aws_auth

admin = aws_auth.IdentityMapping("admin",
    cluster="prod",
    arn="arn:aws:iam::111122223333:role/admin",
    username="admin",
    groups=["system:masters"])
\`\`\`
\`\`\`csharp
using Pulumi;
using AwsAuth = Pulumi.AwsAuth;

return await Deployment.RunAsync(() =>
{
    var admin = new AwsAuth.IdentityMapping("admin", new()
    {
        Cluster = "prod",
        Arn = "arn:aws:iam::111122223333:role/admin",
        Username = "admin",
        Groups = new[] { "system:masters" },
    });
});
\`\`\`
\`\`\`go
package main

import (
	"github.com/pulumi/pulumi-aws-auth/sdk/go/awsauth"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		_, err := awsauth.NewIdentityMapping(ctx, "admin", &awsauth.IdentityMappingArgs{
			Cluster:  pulumi.Any("prod"),
			Arn:      pulumi.String("arn:aws:iam::111122223333:role/admin"),
			Username: pulumi.String("admin"),
			Groups:   pulumi.StringArray{pulumi.String("system:masters")},
		})
		return err
	})
}
\`\`\`
\`\`\`java
package generated_program;

import com.pulumi.Pulumi;
import com.pulumi.awsauth.IdentityMapping;
import com.pulumi.awsauth.IdentityMappingArgs;

public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var admin = new IdentityMapping("admin", IdentityMappingArgs.builder()
                .cluster("prod")
                .arn("arn:aws:iam::111122223333:role/admin")
                .username("admin")
                .groups("system:masters")
                .build());
        });
    }
}
\`\`\`
\`\`\`yaml
resources:
  admin:
    type: aws-auth:IdentityMapping
    properties:
      cluster: prod
      arn: arn:aws:iam::111122223333:role/admin
      username: admin
      groups:
        - system:masters
\`\`\`
{{% /example %}}
{{% /examples %}}`;
