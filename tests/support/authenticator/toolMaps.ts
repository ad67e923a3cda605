import type { MapData } from "./maps.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const user = (name: string) => `arn:aws:iam::111122223333:user/${name}`;

/** A map as each tool writes it, and as people do. */
export const toolMaps: Readonly<Record<string, MapData>> = {
  eksctl: {
    mapRoles: `- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: ${role("node")}\n  username: system:node:{{EC2PrivateDNSName}}\n- groups:\n  - system:masters\n  rolearn: ${role("dev")}\n  username: "y"\n`,
    mapUsers: "[]\n",
    mapAccounts: '- "111122223333"\n- "012345678901"\n',
  },
  EKS: {
    mapRoles: `- groups:\n  - system:bootstrappers\n  - system:nodes\n  - system:node-proxier\n  rolearn: ${role("fargate")}\n  username: system:node:{{SessionName}}\n`,
  },
  "Terraform's yamlencode": {
    mapRoles: `- "groups":\n  - "system:bootstrappers"\n  - "system:nodes"\n  "rolearn": "${role("node")}"\n  "username": "system:node:{{EC2PrivateDNSName}}"\n- "groups": []\n  "rolearn": "${role("dev")}"\n  "username": "dev"\n`,
    mapUsers: "[]\n",
    mapAccounts: "null\n",
  },
  "Terraform's jsonencode": {
    mapRoles: `[{"groups":["system:bootstrappers","system:nodes"],"rolearn":"${role("node")}","username":"system:node:{{EC2PrivateDNSName}}"},{"groups":[],"rolearn":"${role("dev")}","username":"\\u003cdev\\u003e"}]`,
    mapUsers: "[]",
    mapAccounts: '["111122223333"]',
  },
  "@pulumi/eks": {
    mapRoles: `- rolearn: ${role("node")}\n  username: 'system:node:{{EC2PrivateDNSName}}'\n  groups:\n    - 'system:bootstrappers'\n    - 'system:nodes'\n- rolearn: >-\n    ${role("AWSReservedSSO_AdministratorAccess_0123456789abcdef")}\n  username: admin\n  groups:\n    - 'system:masters'\n`,
    mapUsers: `- userarn: '${user("dev")}'\n  username: dev\n  groups: []\n`,
  },
  "the CDK": {
    mapRoles: `[{"rolearn":"${role("node")}","username":"system:node:{{EC2PrivateDNSName}}","groups":["system:bootstrappers","system:nodes"]},{"rolearn":"${role("dev")}","username":"dev","groups":[]}]`,
    mapUsers: "[]",
    mapAccounts: "[]",
  },
  Helm: {
    mapRoles: `- groups:\n  - system:masters\n  rolearn: ${role("dev")}\n  username: dev:{{SessionName}}\n\n- rolearn: "${role("ci")}"\n  username: ci\n  groups:\n    - deployers\n\n`,
    mapUsers: "\n",
  },
  people: {
    mapRoles: `# Ask the platform team first.\n---\n  # nodes\n  - rolearn: ${role("node")}   # the old group\n    username: system:node:{{EC2PrivateDNSName}}\n    groups:\n      - system:bootstrappers\n      # both are needed\n      - system:nodes\n\n  - roleARN: ${role("dev")}\n    username: dev\n    groups: [developers, "y"]\n  # - rolearn: ${role("old")}\n  #   username: old\n  -\n    rolearn: ${role("ci")}\n    username: 'it''s CI'\n    groups:\n    - deployers\n  - {rolearn: ${role("DEV")}, username: DEV, groups: [a]}\n  - username: 123\n    rolearn: ${role("jane@example.com")}\n    groups:`,
    mapUsers: `- userarn: ${user("people/dev")}\r\n  username: dev\r\n  groups:\r\n  - a\r\n- userarn: ${user("dev")}\r\n  username:\r\n  groups:\r\n  - 0123\r\n  - b\r\n`,
    mapAccounts: `[\n  "111122223333",\n  012345678901\n]\n`,
  },
  "permission sets": {
    mapRoles: `- sso:\n    permissionSetName: Admin\n    accountID: "111122223333"\n  username: admin\n  groups: [system:masters]\n- rolearn: ${role("AWSReservedSSO_Admin_0123456789abcdef")}\n  username: |-\n    sso:{{SessionName}}\n  userid: AROAEXAMPLE\n`,
  },
  "JSON over lines": {
    mapRoles: `[\n  {\n    "rolearn": "${role("dev")}",\n    "username": "dev",\n    "groups": [\n      "a",\n      "b"\n    ]\n  },\n  {\n    "rolearn": "${role("ci")}"\n  }\n]\n`,
  },
};
