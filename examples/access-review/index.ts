import * as awsAuth from "pulumi-aws-auth";

// The same review for a program: the cluster is the one of the stack's configuration.
const review = awsAuth.reviewAccess();

export const administrators = review.then(({ clusters }) =>
  clusters.flatMap(({ name, identities }) =>
    identities.filter(({ isAdministrator }) => isAdministrator).map(({ identity }) => `${identity} in ${name}`),
  ),
);
export const findings = review.then(({ summary }) => summary.findings);
