import pulumi
import pulumi_aws_auth as aws_auth

# The stack configuration specifies the role and the cluster.
config = pulumi.Config()

aws_auth.IdentityMapping("developers",
    arn=config.require("roleArn"),
    username="developer:{{SessionName}}",
    groups=["developers"])

# The entries in the map before this run.
pulumi.export("found", [mapping.arn for mapping in aws_auth.get_identity_mappings().mappings])
