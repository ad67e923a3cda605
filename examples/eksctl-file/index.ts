import * as awsAuth from "pulumi-aws-auth";

// The metadata of the file names the cluster. The role is that of the service in the file.
new awsAuth.IdentityMappings("team", {
  file: "cluster.yaml",
  serviceRoleArn: "arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers",
});
