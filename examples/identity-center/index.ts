import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

/** The ARN of the role that IAM Identity Center has created in this account for a permission set. */
async function roleOf(permissionSet: string): Promise<string> {
  // The name ends in 16 hexadecimal digits. With ".*" instead, Admin would also match the role of a set Admin_ReadOnly.
  const nameRegex = `^AWSReservedSSO_${permissionSet.replace(/[.+]/g, "\\$&")}_[0-9a-f]{16}$`;
  const { arns } = await aws.iam.getRoles({ nameRegex, pathPrefix: "/aws-reserved/sso.amazonaws.com/" });
  const [arn, another] = arns;
  if (arn === undefined) {
    throw new pulumi.RunError(
      `no role for permission set "${permissionSet}" in this account; assign the set to the account`,
    );
  }
  if (another !== undefined) {
    throw new pulumi.RunError(
      `several roles for permission set "${permissionSet}": ${arns.join(", ")}; add the Region of the correct one to pathPrefix`,
    );
  }
  return arn;
}

const config = new pulumi.Config();

// Pulumi waits for the function, and prints its error without a stack trace.
export = async () => {
  const admins = new awsAuth.IdentityMapping("admins", {
    arn: await roleOf("Admin"),
    username: "admin:{{SessionName}}",
    groups: ["system:masters"],
  });

  const auditors = new awsAuth.IdentityMapping("auditors", {
    arn: await roleOf("Admin_ReadOnly"),
    username: "auditor:{{SessionName}}",
    groups: ["auditors"],
  });

  // The group may read most objects in all namespaces, but no secrets.
  const context = new pulumi.Config("kubernetes").require("context");
  const apiGroup = "rbac.authorization.k8s.io";
  new k8s.rbac.v1.ClusterRoleBinding(
    "auditors",
    {
      metadata: { name: "auditors" },
      roleRef: { apiGroup, kind: "ClusterRole", name: "view" },
      subjects: [{ apiGroup, kind: "Group", name: "auditors" }],
    },
    { provider: new k8s.Provider("cluster", { context }) },
  );

  // A role that you create in IAM, for when IAM Identity Center is unavailable.
  new awsAuth.IdentityMapping("break-glass", {
    arn: config.require("breakGlassArn"),
    username: "break-glass:{{SessionName}}",
    groups: ["system:masters"],
  });

  /** The current roles of the permission sets. */
  return { admins: admins.arn, auditors: auditors.arn };
};
