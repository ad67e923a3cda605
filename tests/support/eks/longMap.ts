import type { AccessEntryCluster } from "./entryCluster.ts";
import { account, roleOf } from "./entryCluster.ts";

/** Another account than that of the cluster. */
export const partner = "444455556666";

/** What a program declares of one identity. */
export interface Declared {
  readonly arn?: string;
  readonly account?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
  /** Set where no access entry can say the same. */
  readonly authenticationMode?: "CONFIG_MAP";
}

const stays = { authenticationMode: "CONFIG_MAP" } as const;
const nodeGroups = ["system:bootstrappers", "system:nodes"];
const node = "system:node:{{EC2PrivateDNSName}}";

/** What a program declares: every row of the table of what a mapping becomes as an access entry. */
export const declared: Readonly<Record<string, Declared>> = {
  self: { arn: `arn:aws:iam::${account}:user/deployer`, username: "deployer", groups: ["system:masters"] },
  admin: { arn: roleOf("platform/admin"), username: "admin", groups: ["system:masters", "auditors"] },
  "break-glass": { arn: roleOf("break-glass"), username: "break-glass", groups: ["system:masters"] },
  dev: { arn: roleOf("eng/dev"), username: "dev:{{SessionName}}", groups: ["developers", "viewers"] },
  raw: { arn: roleOf("raw"), username: "raw:{{SessionNameRaw}}", groups: ["viewers"] },
  reader: { arn: roleOf("reader"), username: "reader" },
  traps: { arn: roleOf("traps"), username: "y", groups: ["1e3", "0123", "null", "on"] },
  jane: { arn: `arn:aws:iam::${account}:user/people/jane`, username: "jane", groups: ["on-call"] },
  sso: {
    arn: roleOf("aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Dev_0123456789abcdef"),
    username: "sso:{{SessionName}}",
    groups: ["viewers"],
  },
  partner: { arn: roleOf("ci/deploy", partner), username: "partner-ci", groups: ["deployers"] },
  workers: { arn: roleOf("self-managed"), username: node, groups: nodeGroups },
  windows: { arn: roleOf("windows"), username: node, groups: [...nodeGroups, "eks:kube-proxy-windows"] },
  unnamed: { arn: roleOf("unnamed"), groups: ["viewers"] },
  terraform: { arn: roleOf("terraform"), username: "terraform", groups: ["system:masters"] },
  flow: { arn: roleOf("flow"), username: "flow", groups: ["viewers"] },
  "system-ci": { arn: roleOf("system-ci"), username: "system:ci", groups: ["deployers"], ...stays },
  bot: { arn: roleOf("bot"), username: "bot-{{SessionName}}", groups: ["deployers"], ...stays },
  templates: { arn: roleOf("templates"), username: "of-{{AccountID}}", groups: ["viewers"], ...stays },
  monitoring: { arn: roleOf("monitoring"), username: "monitoring", groups: ["system:monitoring"], ...stays },
  sandbox: { account: "555566667777", ...stays },
  batch: {
    arn: roleOf("aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"),
    username: "aws-batch",
    ...stays,
  },
  "partner-nodes": { arn: roleOf("partner-nodes", partner), username: node, groups: nodeGroups, ...stays },
};

/** Those whose entry was in the map before the program, exactly as people wrote it there. */
export const found: Readonly<Record<string, string>> = {
  terraform: `- "groups":
  - "system:masters"
  "rolearn": "${roleOf("terraform")}"
  "username": "terraform"
`,
  flow: `- {rolearn: ${roleOf("flow")}, username: flow, groups: [viewers]}
`,
};

/** What stays in mapRoles where it is: entries of EKS, of eksctl and of people. */
const foreignRoles = [
  `# owned by platform; see the wiki before you change anything
- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: ${roleOf("node-group")}
  username: ${node}
- groups:
  - system:bootstrappers
  - system:nodes
  - system:node-proxier
  rolearn: ${roleOf("fargate-pods")}
  username: system:node:{{SessionName}}

# terraform, by hand
`,
  `# duplicates: the last one counts
- rolearn: ${roleOf("legacy")}
  username: legacy-of-2019
  groups: [ system:masters ]   # gone since 2021
- rolearn: ${roleOf("Legacy")}
  username: 'legacy'
  groups: ["viewers"]
`,
  `# a path, which nobody matches
- rolearn: ${roleOf("eng/ghost")}
  username: ghost
  groups: [system:masters]
`,
];

/** The map before the program. */
export const original = {
  mapRoles: foreignRoles[0] + (found["terraform"] ?? "") + foreignRoles[1] + (found["flow"] ?? "") + foreignRoles[2],
  mapUsers: `- userarn: arn:aws:iam::${account}:user/ops\t# eksctl
  username: ops
  groups:
  - viewers
- {"userarn": "arn:aws:iam::${account}:user/emergency", "username": "emergency", "groups": ["system:masters"]}
`,
  mapAccounts: `- "666677778888" # the old sandbox\n`,
};

/** The map without what the program takes out of it: every other byte is where it was. */
export const foreign = { ...original, mapRoles: foreignRoles.join("") };

/** Only entries for which EKS has made its own access entry, or that let nobody in. */
export const leftForEks = {
  mapRoles: (foreignRoles[0] ?? "") + (foreignRoles[2] ?? ""),
  mapUsers: "[]\n",
  mapAccounts: "[]\n",
};

/** The identities of the map before the program that are nobody's of it, and let somebody in. */
export const strangers: readonly string[] = [
  roleOf("legacy"),
  `arn:aws:iam::${account}:user/ops`,
  `arn:aws:iam::${account}:user/emergency`,
];

/** Makes the roles and users, and what EKS knows of its own nodes. */
export function populate({ aws }: AccessEntryCluster): void {
  const arns = Object.values(declared).flatMap(({ arn = [] }) => arn);
  const there = new Set([...arns, ...strangers, roleOf("node-group"), roleOf("fargate-pods"), roleOf("eng/ghost")]);
  for (const arn of there) {
    if (aws.principals.find(arn) === undefined) {
      aws.principals.create(arn);
    }
  }
  aws.addNodegroup("prod", { nodegroupName: "workers", nodeRole: roleOf("node-group") });
  aws.addFargateProfile("prod", { fargateProfileName: "pods", podExecutionRoleArn: roleOf("fargate-pods") });
}

/** The program. */
export const program = `
for (const [name, args] of Object.entries(${JSON.stringify(declared)})) {
  new IdentityMapping(name, args);
}
`;
