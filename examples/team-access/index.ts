import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const config = new pulumi.Config();
const team = config.require("team");
const group = `${team}:developers`;

// 1. The IAM role: an existing one, or a new one that identities of the account may assume if their own policies allow it.
export const role: pulumi.Output<string> = pulumi.output(
  config.get("roleArn") ??
    new aws.iam.Role(`${team}-developers`, {
      assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ AWS: aws.getCallerIdentityOutput().accountId }),
    }).arn,
);

// 2. The mapping: sessions of the role are members of the group.
new awsAuth.IdentityMapping("developers", {
  arn: role,
  username: `${team}:{{SessionName}}`,
  groups: [group],
});

// 3. The rights of the group, in the namespace of the team. They need a cluster, so a stack with aws-auth:manifest has none.
if (new pulumi.Config("aws-auth").get("manifest") === undefined) {
  const context = new pulumi.Config("kubernetes").require("context");
  const provider = new k8s.Provider("cluster", { context });
  const namespace = new k8s.core.v1.Namespace(team, { metadata: { name: team } }, { provider });
  const metadata = { name: "developers", namespace: namespace.metadata.name };
  const rights = new k8s.rbac.v1.Role(
    "developers",
    {
      metadata,
      rules: [
        { apiGroups: ["apps"], resources: ["deployments"], verbs: ["*"] },
        { apiGroups: [""], resources: ["configmaps", "services"], verbs: ["*"] },
        { apiGroups: [""], resources: ["pods", "pods/log", "events"], verbs: ["get", "list", "watch"] },
      ],
    },
    { provider },
  );
  new k8s.rbac.v1.RoleBinding(
    "developers",
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: rights.metadata.name },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
    },
    { provider },
  );
}
