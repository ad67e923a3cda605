import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const config = new pulumi.Config();
const cluster = new pulumi.StackReference(config.require("clusterStack")).requireOutput("clusterArn");

const developers = new awsAuth.IdentityMapping("developers", {
  cluster,
  arn: config.require("roleArn"),
  username: "developer:{{SessionName}}",
  groups: ["developers"],
});

// The group may read most objects in all namespaces, but no secrets. The context that `aws eks update-kubeconfig` creates has the ARN of the cluster as its name.
new k8s.rbac.v1.ClusterRoleBinding(
  "developers",
  {
    metadata: { name: "developers" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "developers" }],
  },
  { provider: new k8s.Provider("cluster", { context: cluster }) },
);

/** The mapping's ID: its cluster and role. */
export const mapping = developers.id;
