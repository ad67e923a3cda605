import { explainExample, getIdentityMappingsExample } from "./functionExamples";
import type { FunctionSpec } from "./spec";
import { cluster, strings } from "./types";

const clusterToRead = {
  ...cluster,
  description: "The cluster to read. Default: the cluster in the stack's configuration.",
};

/** The functions. The words of the first are those of `sdk/getIdentityMappings.ts`. */
export const functions: Readonly<Record<string, FunctionSpec>> = {
  "aws-auth:index:getIdentityMappings": {
    description: `Reads the mappings of a cluster while the program runs, before the program's own changes are written.\n\n${getIdentityMappingsExample}`,
    inputs: {
      description: "The mappings to read.",
      properties: {
        cluster: clusterToRead,
        arn: {
          type: "string",
          description:
            "Only the mappings of this role or user, in any letter case, with or without a path. Default: all.",
        },
      },
    },
    outputs: {
      description: "The mappings.",
      properties: {
        mappings: {
          type: "array",
          items: { $ref: "#/types/aws-auth:index:FoundIdentityMapping" },
          description: "The entries in the order of the map; empty if there are no entries or no ConfigMap.",
        },
      },
      required: ["mappings"],
    },
  },
  "aws-auth:index:explain": {
    description: `Explains which Kubernetes user an IAM identity becomes in a cluster, and why, while the program runs, before the program's own changes are written.\n\n${explainExample}`,
    inputs: {
      description: "The identity to explain.",
      properties: {
        cluster: clusterToRead,
        arn: {
          type: "string",
          description: "ARN of an IAM role or user, or of a session, in any letter case.",
        },
      },
      required: ["arn"],
    },
    outputs: {
      description: "The explanation.",
      properties: {
        arn: { type: "string", description: "The ARN that was asked about." },
        canonicalArn: { type: "string", description: "The ARN that the authenticator compares with the entries." },
        isMapped: { type: "boolean", description: "Whether the cluster accepts logins of the identity." },
        username: { type: "string", description: "Kubernetes username, with templates not expanded." },
        groups: { ...strings, description: "Kubernetes groups, with templates not expanded." },
        givenBy: {
          type: "string",
          description: "The entry that maps the identity, such as `mapRoles entry 2`; absent if there is none.",
        },
        owners: { ...strings, description: "The owners that claim that entry." },
        remarks: {
          ...strings,
          description: "What else there is to know, one sentence each: entries without effect, and near misses.",
        },
      },
      required: ["arn", "canonicalArn", "isMapped", "remarks"],
    },
  },
};
