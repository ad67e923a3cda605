import type { AwsCaller } from "../aws/caller.ts";
import { rbac, rbacRef } from "../cluster/awsAuth.ts";
import { type AccessEntryCluster, longAgo, startEntryCluster } from "../eks/entryCluster.ts";
import type { EntryContent } from "../eks/ownEntries.ts";
import type { AuthenticationMode } from "../eks/state.ts";
import { openOffice } from "./office.ts";

/** The sample objects in the EKS cluster "prod", whose mode a test may change in any direction. */
export interface EksOffice extends Pick<AccessEntryCluster, "aws" | "cluster" | "map" | "stop"> {
  /** Has all permissions, and is not in the map. */
  readonly caller: AwsCaller;
  setMode(mode: AuthenticationMode): void;
}

/** An entry that differs from the map, one that is equal, two with policies, one with a policy whose rules are unknown, and nodes. */
const entries: Readonly<Record<string, Partial<EntryContent>>> = {
  "role/eng/dev": {
    username: "dev:{{SessionName}}",
    groups: ["developers"],
    tags: { "pulumi-aws-auth/claim": "aaaaaaaa.000001 acme/infra/prod dev" },
    policies: [{ name: "AmazonEKSViewPolicy", namespaces: ["team-*", "web"] }],
  },
  "role/platform/admin": { username: "admin", policies: ["AmazonEKSClusterAdminPolicy"] },
  "role/ci": { username: "ci", policies: [{ name: "AmazonEKSEditPolicy", namespaces: ["default"] }] },
  "role/aiops": { username: "aiops", policies: ["AmazonAIOpsAssistantPolicy"] },
  "user/jane": { username: "jane", policies: ["AmazonEKSAdminViewPolicy"] },
  "role/eks/node": { type: "EC2_LINUX" },
};

export async function startEksOffice(): Promise<EksOffice> {
  const { aws, cluster, map, deployer, stop } = await startEntryCluster("API_AND_CONFIG_MAP", longAgo);
  await openOffice(cluster);
  await cluster.create(`${rbac}/clusterrolebindings`, {
    metadata: { name: "deployer" },
    roleRef: rbacRef("ClusterRole", "cluster-admin"),
    subjects: [rbacRef("User", "deployer")],
  });
  for (const [resource, content] of Object.entries(entries)) {
    const { arn } = aws.principals.create(`arn:aws:iam::111122223333:${resource}`);
    aws.addServiceEntry("prod", arn, { type: "STANDARD", ...content });
  }
  const setMode = (mode: AuthenticationMode) => {
    aws.cluster("prod").mode = mode;
  };
  return { aws, cluster, map, caller: deployer, setMode, stop };
}
