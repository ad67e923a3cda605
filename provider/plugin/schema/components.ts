import { examples } from "./examples";
import type { ResourceSpec } from "./spec";
import { authenticationMode, cluster } from "./types";

/** The component. Its words are those of `sdk/configItems.ts` and `sdk/identityMappings.ts`. */
export const identityMappings: ResourceSpec = {
  isComponent: true,
  description: `The \`iamIdentityMappings\` of an eksctl ClusterConfig, each an IdentityMapping or a ServiceIdentityMapping. Other sections are ignored. Unknown keys in \`metadata\` and in the items are errors, and so is everything that eksctl rejects. All errors of a file are reported together, with their lines.

Children are named after what they map (\`team-111122223333-role-admin\`), so that adding an item does not affect the others. Of several items for one identity only the last is mapped, with a warning, since the authenticator uses no other. The option \`providers\` may contain the Kubernetes and AWS providers for services.

${examples({ title: "An eksctl file", type: "IdentityMappings", name: "team", inputs: [["file", "cluster.yaml"]] })}`,
  properties: {
    mappings: {
      type: "array",
      items: { $ref: "#/resources/aws-auth:index:IdentityMapping" },
      description: "The mappings of roles, users and accounts, in the order of the items.",
    },
    services: {
      type: "array",
      items: { $ref: "#/resources/aws-auth:index:ServiceIdentityMapping" },
      description: "The mappings of AWS services, in the order of the items.",
    },
  },
  required: ["mappings", "services"],
  inputProperties: {
    file: { type: "string", description: "Path of an eksctl ClusterConfig file, relative to the program's directory." },
    config: {
      $ref: "pulumi.json#/Any",
      description:
        "A ClusterConfig as a value, in which `apiVersion` and `kind` are optional. It cannot contain outputs of other resources that are not known in a preview.",
    },
    cluster: {
      ...cluster,
      description:
        "The cluster, as for an IdentityMapping. Default: `name` and `region` of the ClusterConfig's `metadata`, then the cluster in the stack's configuration; an error if the two are different clusters. Another cluster replaces the mappings.",
    },
    adopt: {
      type: "boolean",
      description:
        "Whether every item takes over existing entries for its identity, as for an IdentityMapping. Default: false.",
    },
    authenticationMode: {
      ...authenticationMode,
      description: "Where the mappings are kept, as for an IdentityMapping. Those of AWS services stay in aws-auth.",
    },
  },
};

/** The component. Its words are those of `sdk/serviceAccess.ts` and `sdk/serviceIdentityMapping.ts`. */
export const serviceIdentityMapping: ResourceSpec = {
  isComponent: true,
  description: `Gives an AWS service access to a namespace of a cluster: a Role with the permissions that the service documents, a RoleBinding, and a mapping of the service-linked role to the Kubernetes user in the binding. Equivalent to \`eksctl create iamidentitymapping --service-name\`. Requires the Kubernetes provider.

The mapping stays in aws-auth, whatever \`authenticationMode\` says: EKS refuses an access entry for a service-linked role, unless the service makes it. EMR makes its own for new virtual clusters, and AWS Batch if all its compute environments on the cluster say so. A cluster in mode \`API\` ignores aws-auth, so that this is an error there: remove the resource, and leave access to the service.

The option \`providers\` may contain the Kubernetes and AWS providers to use. A Kubernetes provider with \`upsertExistingObjects: true\` takes over a Role of the same name that eksctl created.

${examples({
  title: "EMR on EKS",
  type: "ServiceIdentityMapping",
  name: "emr",
  inputs: [
    ["cluster", "prod"],
    ["serviceName", "emr-containers"],
    ["namespace", "spark"],
  ],
})}`,
  properties: {
    roleArn: { type: "string", description: "ARN of the mapped service-linked role." },
    mapping: { $ref: "#/resources/aws-auth:index:IdentityMapping", description: "The role's mapping." },
  },
  required: ["roleArn", "mapping"],
  requiredInputs: ["serviceName", "namespace"],
  inputProperties: {
    cluster: {
      ...cluster,
      description:
        "The cluster whose kube-system/aws-auth gets the entry, as for an IdentityMapping. The Kubernetes provider creates the Role and RoleBinding: pass a provider for the same cluster in the options (`providers: { kubernetes: ... }`).",
    },
    serviceName: {
      type: "string",
      description:
        "The AWS service: `emr-containers` (EMR on EKS) or `aws-batch` (AWS Batch on EKS). Another service replaces everything.",
    },
    namespace: {
      type: "string",
      description:
        "Namespace that the service uses; it must exist. Another namespace replaces the Role and RoleBinding.",
    },
    roleArn: {
      type: "string",
      description:
        "ARN of the service-linked role; its path is stripped. Default: the role with the usual name, in the account and partition of the cluster's ARN if `cluster` has one, else of the AWS provider. Another role replaces the mapping.",
    },
    noDuplicateARNs: {
      type: "boolean",
      description:
        "Whether another entry for the role is an error. Default: false, as in eksctl, so that the service can be mapped for several namespaces. An entry with the same content is shared in any case. Changing only this does not update the resource.",
    },
    adopt: {
      type: "boolean",
      description: "Whether to take over existing entries for the role, as for an IdentityMapping. Default: false.",
    },
    authenticationMode: {
      ...authenticationMode,
      description:
        "Where the other mappings of the program are kept, as for an IdentityMapping. The service's own stays in aws-auth, and a preview says why.",
    },
  },
};
