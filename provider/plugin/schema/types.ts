import type { EnumSpec, ObjectSpec, TypeSpec } from "./spec";

/** A list of strings. */
export const strings: TypeSpec = { type: "array", items: { type: "string" } };

/** A cluster by its name or ARN, or by how to reach it. */
export const cluster: TypeSpec = {
  oneOf: [{ type: "string" }, { type: "object", $ref: "#/types/aws-auth:index:Cluster" }],
};

/** Where a mapping is kept. */
export const authenticationMode: TypeSpec = { type: "string", $ref: "#/types/aws-auth:index:AuthenticationMode" };

/** The types of the package. The words of a cluster are those of `sdk/cluster.ts`. */
export const types: Readonly<Record<string, ObjectSpec | EnumSpec>> = {
  "aws-auth:index:Cluster": {
    type: "object",
    description:
      "A cluster: an EKS cluster by `name`, a cluster reached through a `kubeconfig`, a `context` of one, or a `manifest` on disk. Name it in one way only.",
    properties: {
      name: { type: "string", description: "Name of the cluster, or its ARN, which includes region and account." },
      region: {
        type: "string",
        description:
          "Region of the cluster. Default: `aws-auth:region` of the stack, then the environment and the profile.",
      },
      account: {
        type: "string",
        description:
          "The AWS account of the cluster, 12 digits. With credentials for another account the run fails, instead of using a cluster of the same name there. Default: the account in the ARN, if `name` is one; else the account in which the mapping was created, which the state stores. A change replaces the mapping.",
      },
      profile: {
        type: "string",
        description: "Profile of the shared AWS configuration. Default: `aws-auth:profile` of the stack.",
      },
      roleArn: {
        type: "string",
        description: "ARN of a role to assume before looking up the cluster. Default: `aws-auth:roleArn` of the stack.",
      },
      kubeconfig: {
        type: "string",
        secret: true,
        description:
          "Path of the kubeconfig, or its content, which is kept as a secret. Default: `aws-auth:kubeconfig` of the stack, then KUBECONFIG, then the file in the home directory.",
      },
      context: {
        type: "string",
        description:
          "Context to use. Default: `aws-auth:context` of the stack, then the current context if a kubeconfig is given.",
      },
      manifest: {
        type: "string",
        description: "Path of the manifest, relative to the program's directory. The first mapping creates it.",
      },
    },
  },
  "aws-auth:index:AuthenticationMode": {
    type: "string",
    description: "Where a mapping is kept, in EKS's own words.",
    enum: [
      { name: "ConfigMap", value: "CONFIG_MAP", description: "In aws-auth." },
      {
        name: "ApiAndConfigMap",
        value: "API_AND_CONFIG_MAP",
        description: "In aws-auth, and in an access entry that says the same and counts.",
      },
      { name: "Api", value: "API", description: "In an access entry alone." },
    ],
  },
  "aws-auth:index:FoundIdentityMapping": {
    type: "object",
    description: "One entry of kube-system/aws-auth, as the authenticator reads it.",
    properties: {
      kind: { type: "string", description: "The list that holds the entry: mapRoles, mapUsers or mapAccounts." },
      arn: {
        type: "string",
        description: "ARN as written in the entry; absent for an account, and if the authenticator finds none.",
      },
      username: {
        type: "string",
        description: "Kubernetes username, with templates not expanded; absent if the entry has none.",
      },
      groups: { ...strings, description: "Kubernetes groups, in the entry's order." },
      account: { type: "string", description: "The account, 12 digits in any entry that can match." },
      sso: {
        $ref: "#/types/aws-auth:index:PermissionSet",
        description: "The IAM Identity Center permission set, if the entry gives one instead of an ARN.",
      },
      position: { type: "integer", description: "The position of the entry in its list, from 1." },
      isShadowed: {
        type: "boolean",
        description: "Whether the entry has no effect because another entry for the same identity counts instead.",
      },
      owners: {
        ...strings,
        description:
          "The owners that claim the entry in the annotation `pulumi-aws-auth/claims`, each as stack and resource name (`organization/infra/prod admin`), with the value of `aws-auth:owner` in place of the stack if that is set. Empty if nobody claims it.",
      },
    },
    required: ["kind", "groups", "position", "isShadowed", "owners"],
  },
  "aws-auth:index:PermissionSet": {
    type: "object",
    description: "A permission set of IAM Identity Center.",
    properties: {
      permissionSetName: { type: "string", description: "The name of the permission set." },
      accountId: { type: "string", description: "The AWS account, 12 digits." },
    },
    required: ["permissionSetName", "accountId"],
  },
};
