import { AwsAuthMap, rbac, rbacRef } from "../cluster/awsAuth.ts";
import type { TestCluster } from "../cluster/startCluster.ts";

const account = "111122223333";

/** The ARN of a role in the sample. */
export const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

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
export async function openOffice(cluster: TestCluster): Promise<void> {
  await new AwsAuthMap(cluster).reset(officeMap);
  for (const [path, name, rules] of roles) {
    await cluster.create(`${rbac}/${path}`, { metadata: { name }, rules });
  }
  for (const [path, name, role, subject] of bindings) {
    const binding = { roleRef: rbacRef(...role), subjects: [rbacRef(...subject)] };
    await cluster.create(`${rbac}/${path}`, { metadata: { name }, ...binding });
  }
}
