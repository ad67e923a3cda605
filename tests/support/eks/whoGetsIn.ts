import type { AssociatedPolicy, AwsState, Cluster } from "./state.ts";

/** Somebody at the door of a cluster. */
export interface Visitor {
  /** ARN of the user, or of the role behind a session, with its path. */
  readonly principalArn: string;
  /** Of a role's session. Default `session`. */
  readonly sessionName?: string;
  /** Of a node. Default `ip-10-0-0-1.eu-central-1.compute.internal`. */
  readonly privateDnsName?: string;
}

/** As whom a cluster lets somebody in. */
export interface Admission {
  readonly by: "access entry" | "aws-auth" | "cluster creator";
  readonly username: string;
  readonly groups: readonly string[];
  readonly policies: readonly Pick<AssociatedPolicy, "policyArn" | "accessScope">[];
}

/** Who somebody is by aws-auth; undefined where it has no mapping for them. */
export type AwsAuthLookup = (visitor: Visitor) => { username: string; groups: readonly string[] } | undefined;

/**
 * As whom a cluster lets somebody in, as its authenticator sees the access entries now.
 *
 * An entry counts for the role or user that had the ARN when it was made (its unique ID), and before aws-auth. Where a role was deleted
 * and made again, its old entry is dead and aws-auth counts [inferred].
 */
export function whoGetsIn(
  state: AwsState,
  cluster: Cluster,
  visitor: Visitor,
  awsAuth: AwsAuthLookup = () => undefined,
): Admission | undefined {
  const principal = state.principals.find(visitor.principalArn);
  if (principal === undefined) {
    return undefined;
  }
  if (cluster.mode !== "CONFIG_MAP") {
    const entry = cluster.entries.get(principal.arn)?.read("authenticator", state.now());
    if (entry !== undefined && entry.uniqueId === principal.uniqueId) {
      return {
        by: "access entry",
        username: filledIn(entry.username, visitor),
        groups: [...new Set([...entry.kubernetesGroups, ...nodeGroups(entry.type)])].sort(),
        policies: entry.policies.map(({ policyArn, accessScope }) => ({ policyArn, accessScope })),
      };
    }
  }
  if (cluster.mode === "CONFIG_MAP" && cluster.creator === principal.arn) {
    // https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html; before access entries nothing shows this.
    return { by: "cluster creator", username: "kubernetes-admin", groups: ["system:masters"], policies: [] };
  }
  const mapping = cluster.mode === "API" ? undefined : awsAuth(visitor);
  return mapping && { by: "aws-auth", ...mapping, policies: [] };
}

/** What nodes need to join, which DescribeAccessEntry shows in part [inferred]. */
function nodeGroups(type: string): readonly string[] {
  return type === "STANDARD" ? [] : ["system:bootstrappers", "system:nodes"];
}

/** Templates as aws-iam-authenticator fills them in; others stay. */
function filledIn(username: string, visitor: Visitor): string {
  const { sessionName = "session", privateDnsName = "ip-10-0-0-1.eu-central-1.compute.internal" } = visitor;
  return username
    .replaceAll("{{SessionName}}", sessionName.replaceAll("@", "-"))
    .replaceAll("{{SessionNameRaw}}", sessionName)
    .replaceAll("{{EC2PrivateDNSName}}", privateDnsName);
}
