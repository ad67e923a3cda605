import * as awsAuth from "pulumi-aws-auth";

// The administrators in aws-auth as stack outputs; the cluster is the one of the stack's configuration.
export const administrators = awsAuth
  .getIdentityMappings()
  .then((found) => found.filter(({ groups }) => groups.includes("system:masters")).map(({ arn }) => arn));
