/** A mapping as the authenticator's DynamicFile backend reads it, which finds it by the unique ID of the role or user. */
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

/** An access entry with what EKS knows beside it: the unique ID of the role or user when the entry was made. */
export interface FiledEntry {
  readonly principalArn: string;
  readonly uniqueId: string;
  readonly type: string;
  readonly username: string;
  readonly kubernetesGroups: readonly string[];
  /** Names of access policies. */
  readonly policies: readonly string[];
}

// What nodes need to join; that EKS's own file has them in this form is [inferred].
const linux = ["system:bootstrappers", "system:nodes"];
const nodeGroups: Readonly<Record<string, readonly string[]>> = {
  STANDARD: [],
  EC2_WINDOWS: [...linux, "eks:kube-proxy-windows"],
};

/** @param groupOf what group stands for an access policy, which EKS's own authorizer applies and an API server does not know. */
export function dynamicFile(
  entries: readonly FiledEntry[],
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
