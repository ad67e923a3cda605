import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const config = new pulumi.Config();
// The mapping and the Kubernetes objects are created in the cluster of this context.
const context = config.require("context");
const kubernetes = new k8s.Provider("cluster", { context });

const spark = new k8s.core.v1.Namespace("spark", { metadata: { name: "spark" } }, { provider: kubernetes });

const emr = new awsAuth.ServiceIdentityMapping(
  "emr",
  {
    cluster: { context },
    serviceName: "emr-containers",
    namespace: spark.metadata.name,
    roleArn: `arn:aws:iam::${config.require("account")}:role/AWSServiceRoleForAmazonEMRContainers`,
  },
  { providers: { kubernetes } },
);

/** The role that EMR uses in the cluster. */
export const serviceRole = emr.roleArn;
