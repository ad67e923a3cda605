import { examples } from "./examples";
import type { ResourceSpec } from "./spec";
import { authenticationMode, cluster, strings } from "./types";

/** The resource. Its words are those of `sdk/identityMapping.ts`. */
export const identityMapping: ResourceSpec = {
  description: `One entry of an EKS cluster's kube-system/aws-auth: an IAM role, user or account, and the Kubernetes user and groups that it becomes. Changes nothing else in the ConfigMap except its line in the annotation \`pulumi-aws-auth/claims\`, which says who owns the entry. With another \`authenticationMode\` it is an EKS access entry, whose owner a tag says, or both.

A preview fails if the entry conflicts with another one, or if another stack has taken it over. A preview also shows what was changed or removed outside of Pulumi, which \`pulumi up\` restores.

Stacks that map an identity to the same content share the entry, and deleting the last of them removes it. With other content a preview fails and names the owner; \`adopt\` takes over the entry.

A delete removes the entry with the content in the state if no other stack wants it, even if the entry existed before the resource. It succeeds if the entry is gone or taken over.

A replacement creates the new entry first and then removes the old one. Pulumi's options \`protect\`, \`retainOnDelete\`, \`ignoreChanges\`, \`aliases\`, \`deletedWith\` and \`--target\` work as usual. A resource that is renamed without an alias keeps its entry. The ID consists of cluster and principal, such as \`eks:eu-central-1/111122223333/prod/arn:aws:iam::111122223333:role/admin\`. To import an existing entry, give its ID, or the ARN or account alone for the cluster in the stack's configuration. It looks where \`aws-auth:authenticationMode\` says; to look elsewhere, begin the ID with the mode, as in \`API:arn:aws:iam::111122223333:role/admin\`.

${examples({
  title: "An administrator",
  type: "IdentityMapping",
  name: "admin",
  inputs: [
    ["cluster", "prod"],
    ["arn", "arn:aws:iam::111122223333:role/admin"],
    ["username", "admin"],
    ["groups", ["system:masters"]],
  ],
})}`,
  properties: {
    arn: {
      type: "string",
      description: "ARN of the role or user, without the role's path; undefined in an account's mapping.",
    },
    account: { type: "string", description: "The account, in an account's mapping." },
    username: { type: "string", description: "Kubernetes username, if any." },
    groups: { ...strings, description: "Kubernetes groups, if any." },
  },
  inputProperties: {
    cluster: {
      ...cluster,
      description:
        "The cluster whose kube-system/aws-auth gets the entry. Default: the cluster in the stack's configuration (`aws-auth:cluster`, `aws-auth:kubeconfig` and `aws-auth:context`, or `aws-auth:manifest`); an error if there is none. Another cluster replaces the mapping. Another way to reach the same cluster updates only the state.",
    },
    arn: {
      type: "string",
      description:
        "ARN of an IAM role or user, in any partition. An access entry needs a role's path; for aws-auth it is stripped, since the authenticator never matches one, with a warning if the mapping is kept only there. A group, a session (`assumed-role`) and the root user are errors. Another identity replaces the mapping. Another letter case of the same ARN updates it, and adding a path changes nothing.",
    },
    account: {
      type: "string",
      willReplaceOnChanges: true,
      description:
        "AWS account, 12 digits as a string, instead of an ARN: each of its identities gets its ARN as username, and no groups. Another account replaces the mapping.",
    },
    username: {
      type: "string",
      description:
        "Kubernetes username. May contain the authenticator's templates `{{EC2PrivateDNSName}}`, `{{AccountID}}`, `{{SessionName}}`, `{{SessionNameRaw}}` and `{{AccessKeyID}}`; any other template is an error. Default: none, which the authenticator treats as the empty name. Updated in place. Changing it is an error while another stack shares the entry and wants it as it is.",
    },
    groups: {
      ...strings,
      description:
        "Kubernetes groups, a set: their order does not matter. Templates as in `username`. Default: none. Updated like `username`.",
    },
    noDuplicateARNs: {
      type: "boolean",
      description:
        "Whether another entry for the same identity is an error, which the preview already reports. The authenticator uses only the last of several entries, so an extra entry silently overrides the others. Default: `aws-auth:noDuplicateARNs` of the stack, else true. Changing only this does not update the entry.",
    },
    adopt: {
      type: "boolean",
      description:
        "Whether to take over existing entries for this identity: the entry in force is updated in place, and entries that it shadows are removed. Other stacks that claim one of them lose it, and their next preview reports that. Does not take back an entry that another stack has taken over. Default: false, which still shares an entry with the same content. Changing only this does not update the entry.",
    },
    authenticationMode: {
      ...authenticationMode,
      description:
        "Where the mapping is kept, in EKS's own words: `CONFIG_MAP` in aws-auth; `API_AND_CONFIG_MAP` in aws-auth and in an access entry that says the same and counts; `API` in an access entry alone. The cluster's own mode has to allow it. A change moves the mapping, in either direction: what gives access is made and proven before anything goes. Default: `aws-auth:authenticationMode` of the stack, else `CONFIG_MAP`. An error on a kubeconfig or manifest, and for a mapping that no access entry can say.",
    },
  },
};
