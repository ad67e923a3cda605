import { AwsAuthMap } from "../cluster/awsAuth.ts";
import type { TestCluster } from "../cluster/startCluster.ts";

const account = "111122223333";

/** The ARN of a role of the office. */
export const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

/** The ARN of one of its sessions. */
export const sessionArn = (name: string, session: string) => `arn:aws:sts::${account}:assumed-role/${name}/${session}`;

/** The map: an administrator, developers, one username per session, nodes, a user in two spellings, a permission set, an account. */
export const officeMap = {
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

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const inDefault = "namespaces/default/";

const role = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });
const group = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name });
const user = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name });

/** Path, name and content of every RBAC object. */
const objects: readonly (readonly [path: string, name: string, content: object])[] = [
  [
    `${inDefault}roles`,
    "deployer",
    {
      rules: [
        { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] },
        { apiGroups: ["apps"], resources: ["deployments"], verbs: ["*"] },
        { apiGroups: [""], resources: ["secrets"], resourceNames: ["app"], verbs: ["get"] },
      ],
    },
  ],
  ["clusterroles", "metrics", { rules: [{ nonResourceURLs: ["/metrics/*"], verbs: ["get"] }] }],
  ["clusterroles", "nodes", { rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["list"] }] }],
  [`${inDefault}rolebindings`, "deploy", { roleRef: role("Role", "deployer"), subjects: [group("developers")] }],
  [`${inDefault}rolebindings`, "broken", { roleRef: role("Role", "gone"), subjects: [group("developers")] }],
  [`${inDefault}rolebindings`, "nodes", { roleRef: role("ClusterRole", "nodes"), subjects: [group("developers")] }],
  [`${inDefault}rolebindings`, "jane", { roleRef: role("Role", "deployer"), subjects: [user("ops:jane")] }],
  ["clusterrolebindings", "viewers", { roleRef: role("ClusterRole", "view"), subjects: [group("developers")] }],
  ["clusterrolebindings", "metrics", { roleRef: role("ClusterRole", "metrics"), subjects: [group("operators")] }],
  [
    "clusterrolebindings",
    "partner",
    { roleRef: role("ClusterRole", "metrics"), subjects: [user("arn:aws:iam::012345678901:role/partner")] },
  ],
];

/** Puts the office into a cluster. */
export async function openOffice(cluster: TestCluster): Promise<void> {
  await new AwsAuthMap(cluster).reset(officeMap);
  for (const [path, name, content] of objects) {
    const { status, body } = await cluster.request("POST", `${rbac}/${path}`, { metadata: { name }, ...content });
    if (status !== 201) {
      throw new Error(`POST ${path}: ${status} ${JSON.stringify(body)}`);
    }
  }
}
