import {
  bootstrappers,
  type Content,
  type IamArn,
  isForNodes,
  type Mapping,
  nodeProxiers,
  nodesGroup,
  windowsNodesGroup,
} from "../mapping";
import { quoted } from "../text/text";
import { type AccessEntryType, defaultUsername } from "./accessEntry";
import { refused, type Translation, type TranslationCluster, type TranslationRefusal } from "./translation";

export const nodeGroups: readonly string[] = [bootstrappers, nodesGroup, nodeProxiers, windowsNodesGroup];

/** The access entry of nodes; undefined for other mappings. */
export function nodeTranslation(
  mapping: Mapping,
  arn: IamArn,
  principalArn: string,
  cluster: TranslationCluster,
): Translation | undefined {
  const { username, groups } = mapping;
  if (!isForNodes(mapping)) {
    return undefined;
  }
  const subject = `arn ${quoted(mapping.arn)}`;
  if (username === sessionNodeUsername) {
    return sessionNodeRefusal(subject, groups);
  }
  if (username !== nodeUsername) {
    return undefined;
  }
  const refusals: TranslationRefusal[] = [];
  if (arn.kind === "user") {
    refusals.push({
      property: "arn",
      reason: `${subject} is a user, but nodes log in with a role`,
      remedy: "map the role of the instances",
    });
  } else if (arn.account !== cluster.account) {
    refusals.push({
      property: "arn",
      reason: `${subject} belongs to account ${arn.account}, but EKS accepts nodes only from the cluster's account, ${cluster.account}`,
      remedy: `run these nodes with a role of account ${cluster.account}, or keep the mapping in aws-auth`,
    });
  }
  const further = [...new Set(groups)].filter((group) => !ec2Groups.includes(group));
  if (further.length > 0) {
    refusals.push({
      property: "groups",
      reason: `${further.length === 1 ? "group" : "groups"} ${further.map(quoted).join(", ")} cannot be in an access entry for nodes, whose groups EKS sets`,
      remedy: `remove ${further.length === 1 ? "it" : "them"} from the mapping`,
    });
  }
  const [refusal, ...more] = refusals;
  if (refusal !== undefined) {
    return refused(refusal, ...more);
  }
  const type: AccessEntryType = groups.includes(windowsNodesGroup) ? "EC2_WINDOWS" : "EC2_LINUX";
  const content = { principalArn, type, username: undefined, groups: [], policies: [] };
  return {
    kind: "entry",
    content,
    notes: [`nodes get an access entry of type ${type}, whose groups EKS sets`],
  };
}

/** The content that nodes with this type of access entry have in aws-auth; undefined for types without a mapping. */
export function nodeContent(type: AccessEntryType): Content | undefined {
  const groups = [bootstrappers, nodesGroup, ...(type === "EC2_WINDOWS" ? [windowsNodesGroup] : [])];
  return type === "EC2_LINUX" || type === "EC2_WINDOWS" ? { username: nodeUsername, groups } : undefined;
}

const nodeUsername = defaultUsername("", "EC2_LINUX") ?? "";
const sessionNodeUsername = defaultUsername("", "FARGATE_LINUX");
/** The groups of EC2 nodes, of which only the last one affects the type. */
const ec2Groups: readonly string[] = [bootstrappers, nodesGroup, windowsNodesGroup];
const fargateGroups: readonly string[] = [bootstrappers, nodesGroup, nodeProxiers];

/**
 * Refuses nodes named by their session: Fargate, hybrid nodes, and EC2 instances named by their ID. Only Fargate has a
 * distinctive group.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-cluster-prep.html
 */
function sessionNodeRefusal(subject: string, groups: readonly string[]): Translation | undefined {
  const isFargate = fargateGroups.every((group) => groups.includes(group));
  if (groups.some((group) => !fargateGroups.includes(group))) {
    return undefined;
  }
  return refused(
    isFargate
      ? {
          property: "arn",
          isFargate: true,
          reason: `${subject} is the role of Fargate pods, whose access entry EKS creates`,
          remedy: "keep the mapping in aws-auth until that access entry exists",
        }
      : {
          property: "username",
          reason: `username ${quoted(sessionNodeUsername)} is used by hybrid nodes and other nodes that are named by their session, which need other types of access entries`,
          remedy:
            "create the access entry manually (type HYBRID_LINUX for hybrid nodes), or keep the mapping in aws-auth",
        },
  );
}
