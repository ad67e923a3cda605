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

/** An access entry with what EKS knows beside it. */
export interface FiledEntry {
  readonly principalArn: string;
  /** Unique ID of the role or user when the entry was made. */
  readonly uniqueId: string;
  readonly type: string;
  readonly username: string;
  readonly kubernetesGroups: readonly string[];
  /** Names of access policies. */
  readonly policies: readonly string[];
}

/** @param groupOf what group stands for an access policy, which EKS's own authorizer applies and an API server does not know. */
export function dynamicFile(
  entries: readonly FiledEntry[],
  groupOf: (policy: string) => string = () => "system:masters",
): DynamicFile {
  const mapping = ({ uniqueId, username, type, kubernetesGroups, policies }: FiledEntry): FileMapping => ({
    userid: uniqueId,
    username,
    groups: [...new Set([...kubernetesGroups, ...nodeGroups(type), ...policies.map(groupOf)])],
  });
  return {
    mapRoles: entries
      .filter((entry) => !isUser(entry))
      .map((entry) => ({ rolearn: entry.principalArn, ...mapping(entry) })),
    mapUsers: entries.filter(isUser).map((entry) => ({ userarn: entry.principalArn, ...mapping(entry) })),
  };
}

function isUser({ principalArn }: FiledEntry): boolean {
  return principalArn.includes(":user/");
}

/** What nodes need to join; that EKS's own file has them in this form is [inferred]. */
function nodeGroups(type: string): readonly string[] {
  const windows = type === "EC2_WINDOWS" ? ["eks:kube-proxy-windows"] : [];
  return type === "STANDARD" ? [] : ["system:bootstrappers", "system:nodes", ...windows];
}
