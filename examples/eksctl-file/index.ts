import * as awsAuth from "pulumi-aws-auth";

// The cluster is the one that the file's metadata names; the role is that of the service in the file.
new awsAuth.IdentityMappings("team", {
  file: "cluster.yaml",
  serviceRoleArn: "arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers",
});
