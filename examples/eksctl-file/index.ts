import * as awsAuth from "pulumi-aws-auth";

// The cluster is the one that the file's metadata names.
new awsAuth.IdentityMappings("team", { file: "cluster.yaml" });
