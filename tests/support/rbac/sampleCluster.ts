import type { AwsCaller } from "../aws/caller.ts";
import { AwsAuthMap, rbac, rbacRef } from "../cluster/awsAuth.ts";
import type { TestCluster } from "../cluster/startCluster.ts";
import { type AccessEntryCluster, startEntryCluster } from "../eks/entryCluster.ts";
import type { EntryContent } from "../eks/ownEntries.ts";
import type { AuthenticationMode } from "../eks/state.ts";

const account = "111122223333";

/** The ARN of a role in the sample. */
export const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

/** The map: an administrator, developers, one username per session, nodes, a user in two spellings, a permission set, an account. */
export const sampleAwsAuth = {
  mapRoles: `- rolearn: ${roleArn("admin")}
  username: admin
  groups: [system:masters]
- rolearn: ${roleArn("dev")}
  username: dev
  groups: [developers]
- rolearn: ${roleArn("ops")}
  username: ops:{{SessionName}}
  groups: [operators]
- rolearn: ${roleArn("node")}
  username: system:node:{{EC2PrivateDNSName}}
  groups: [system:bootstrappers, system:nodes]
- rolearn: ${roleArn("eng/lost")}
  username: lost
  groups: [developers]
- sso: {permissionSetName: Dev, accountID: "${account}"}
  username: sso
  groups: [developers]
`,
  mapUsers: `- userarn: arn:aws:iam::${account}:user/Twin
  username: twin
  groups: [developers]
- userarn: arn:aws:iam::${account}:user/twin
  username: twin
  groups: [operators]
`,
  mapAccounts: '- "012345678901"\n',
} as const;

const inDefault = "namespaces/default/";
const developers = ["Group", "developers"] as const;

const roles: readonly (readonly [path: string, name: string, rules: readonly object[]])[] = [
  [
    `${inDefault}roles`,
    "deployer",
    [
      { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] },
      { apiGroups: ["apps"], resources: ["deployments"], verbs: ["*"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: ["app"], verbs: ["get"] },
    ],
  ],
  ["clusterroles", "metrics", [{ nonResourceURLs: ["/metrics/*"], verbs: ["get"] }]],
  ["clusterroles", "nodes", [{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }]],
];

type Ref = readonly [kind: string, name: string];

const bindings: readonly (readonly [path: string, name: string, role: Ref, subject: Ref])[] = [
  [`${inDefault}rolebindings`, "deploy", ["Role", "deployer"], developers],
  [`${inDefault}rolebindings`, "broken", ["Role", "gone"], developers],
  [`${inDefault}rolebindings`, "nodes", ["ClusterRole", "nodes"], developers],
  [`${inDefault}rolebindings`, "jane", ["Role", "deployer"], ["User", "ops:jane"]],
  ["clusterrolebindings", "viewers", ["ClusterRole", "view"], developers],
  ["clusterrolebindings", "metrics", ["ClusterRole", "metrics"], ["Group", "operators"]],
  ["clusterrolebindings", "partner", ["ClusterRole", "metrics"], ["User", "arn:aws:iam::012345678901:role/partner"]],
];

/** Creates the sample map, roles and bindings in a cluster. */
async function createSample(cluster: TestCluster): Promise<void> {
  await new AwsAuthMap(cluster).reset(sampleAwsAuth);
  for (const [path, name, rules] of roles) {
    await cluster.create(`${rbac}/${path}`, { metadata: { name }, rules });
  }
  for (const [path, name, role, subject] of bindings) {
    const binding = { roleRef: rbacRef(...role), subjects: [rbacRef(...subject)] };
    await cluster.create(`${rbac}/${path}`, { metadata: { name }, ...binding });
  }
}

/** The sample objects in the EKS cluster "prod", whose mode a test may change in any direction. */
export interface SampleEksCluster extends Pick<AccessEntryCluster, "aws" | "cluster" | "map" | "stop"> {
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

export async function startSampleCluster(): Promise<SampleEksCluster> {
  const { aws, cluster, map, deployer, stop } = await startEntryCluster();
  await createSample(cluster);
  await cluster.create(`${rbac}/clusterrolebindings`, {
    metadata: { name: "deployer" },
    roleRef: rbacRef("ClusterRole", "cluster-admin"),
    subjects: [rbacRef("User", "deployer")],
  });
  // Those that only the map has.
  for (const resource of ["role/ops", "user/twin"]) {
    aws.principals.create(`arn:aws:iam::111122223333:${resource}`);
  }
  for (const [resource, content] of Object.entries(entries)) {
    const { arn } = aws.principals.create(`arn:aws:iam::111122223333:${resource}`);
    aws.addServiceEntry("prod", arn, { type: "STANDARD", ...content });
  }
  const setMode = (mode: AuthenticationMode) => {
    aws.cluster("prod").mode = mode;
  };
  return { aws, cluster, map, caller: deployer, setMode, stop };
}
