# The stack configuration specifies the role and the cluster.
variable "roleArn" {
  type = string
}

resource "aws-auth_identity_mapping" "developers" {
  arn      = var.roleArn
  username = "developer:{{SessionName}}"
  groups   = ["developers"]
}

output "username" {
  value = aws-auth_identity_mapping.developers.username
}
