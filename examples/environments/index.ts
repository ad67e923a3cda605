import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

// The stack configuration specifies the clusters, the credentials, and the settings that differ between environments.
const config = new pulumi.Config();
const account = config.require("account");
const clusters = config.requireObject<Record<string, awsAuth.EksClusterArgs | awsAuth.ManifestClusterArgs>>("clusters");

for (const [name, cluster] of Object.entries(clusters)) {
  // Names that are stable if clusters are reordered.
  new awsAuth.IdentityMapping(
    `${name}-nodes`,
    {
      cluster,
      arn: `arn:aws:iam::${account}:role/nodes`,
      username: "system:node:{{EC2PrivateDNSName}}",
      groups: ["system:bootstrappers", "system:nodes"],
    },
    // Without this entry, nodes cannot join the cluster. `protect` prevents its removal and replacement.
    { protect: true },
  );

  new awsAuth.IdentityMapping(`${name}-developers`, {
    cluster,
    arn: `arn:aws:iam::${account}:role/developers`,
    username: "developer:{{SessionName}}",
    groups: config.requireObject<string[]>("developerGroups"),
  });
}

/** The clusters of this environment. */
export const names = Object.keys(clusters);
