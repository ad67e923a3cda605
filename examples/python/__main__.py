import pulumi
import pulumi_aws_auth as aws_auth

# The stack names the cluster: see `pulumi config set aws-auth:cluster`.

aws_auth.IdentityMapping("platform-admins",
    arn="arn:aws:iam::111122223333:role/platform-admins",
    username="platform-admin:{{SessionName}}",
    groups=["system:masters"])

aws_auth.IdentityMapping("on-call",
    arn="arn:aws:iam::111122223333:user/on-call",
    username="on-call",
    groups=["on-call", "viewers"])

aws_auth.IdentityMapping("sandbox", account="012345678901")

# The entries of the map before this run.
pulumi.export("found", [mapping.arn for mapping in aws_auth.get_identity_mappings().mappings])
