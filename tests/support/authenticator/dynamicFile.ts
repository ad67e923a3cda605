/** A mapping in the authenticator's DynamicFile backend, which looks it up by the unique ID of the role or user. */
interface FileMapping {
  readonly userid: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** The file of the authenticator's DynamicFile backend, which EKS uses for access entries. */
export interface DynamicFile {
  readonly mapRoles: readonly (FileMapping & { readonly rolearn: string })[];
  readonly mapUsers: readonly (FileMapping & { readonly userarn: string })[];
}

/** An access entry with the unique ID that the role or user had when the entry was created, which EKS does not expose. */
export interface IdentifiedEntry {
  readonly principalArn: string;
  readonly uniqueId: string;
  readonly type: string;
  readonly username: string;
  readonly kubernetesGroups: readonly string[];
  /** Names of access policies. */
  readonly policies: readonly string[];
}

// The groups that nodes need to join; that EKS's own file has this form is [inferred].
const linux = ["system:bootstrappers", "system:nodes"];
const nodeGroups: Readonly<Record<string, readonly string[]>> = {
  STANDARD: [],
  EC2_WINDOWS: [...linux, "eks:kube-proxy-windows"],
};

/** @param groupOf the group that replaces an access policy, which only EKS's own authorizer evaluates. */
export function dynamicFile(
  entries: readonly IdentifiedEntry[],
  groupOf: (policy: string) => string = () => "system:masters",
): DynamicFile {
  const mappings = entries.map(({ principalArn, uniqueId, username, type, kubernetesGroups, policies }) => ({
    arn: principalArn,
    userid: uniqueId,
    username,
    groups: [...new Set([...kubernetesGroups, ...(nodeGroups[type] ?? linux), ...policies.map(groupOf)])],
  }));
  const isUser = ({ arn }: { arn: string }) => arn.includes(":user/");
  return {
    mapRoles: mappings.filter((one) => !isUser(one)).map(({ arn, ...mapping }) => ({ rolearn: arn, ...mapping })),
    mapUsers: mappings.filter(isUser).map(({ arn, ...mapping }) => ({ userarn: arn, ...mapping })),
  };
}
