import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const account = new pulumi.Config().require("account");

// The metadata of the file specifies the cluster. The role belongs to the service in the file.
const team = new awsAuth.IdentityMappings("team", {
  file: "cluster.yaml",
  serviceRoleArn: `arn:aws:iam::${account}:role/AWSServiceRoleForAmazonEMRContainers`,
});

/** The ARNs of the mapped identities, without those of services. */
export const mapped = team.mappings.map(({ arn }) => arn);
