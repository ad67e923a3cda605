import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const clusters = new pulumi.Config().requireObject<
  Record<string, awsAuth.EksClusterArgs | awsAuth.ManifestClusterArgs>
>("clusters");

/** The mappings of all clusters. */
const people = {
  "platform-admins": { username: "platform-admin:{{SessionName}}", groups: ["system:masters"] },
  support: { username: "support:{{SessionName}}", groups: ["viewers"] },
};

for (const [name, cluster] of Object.entries(clusters)) {
  for (const [role, mapping] of Object.entries(people)) {
    // A name that does not depend on the order of clusters and roles.
    new awsAuth.IdentityMapping(`${name}-${role}`, {
      cluster,
      arn: `arn:aws:iam::999988887777:role/${role}`,
      ...mapping,
    });
  }
}
