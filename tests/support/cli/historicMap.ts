import { manifestOf } from "../engine/manifest.ts";

// 30 entries that users and tools added over ten years. Comments mark the entries that a program cannot express as foreign, with the
// reason.
const mapRoles = `# owned by platform; see the wiki before you change anything
- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: arn:aws:iam::111122223333:role/node-group-1
  username: system:node:{{EC2PrivateDNSName}}
- groups:
  - system:bootstrappers
  - system:nodes
  - system:node-proxier
  rolearn: arn:aws:iam::111122223333:role/fargate-pods
  username: system:node:{{SessionName}}

# terraform
- "groups":
  - "system:masters"
  "rolearn": "arn:aws:iam::111122223333:role/terraform"
  "username": "terraform"
- "groups":
  - "deployers"
  - "viewers"
  "rolearn": "arn:aws:iam::111122223333:role/pipeline"
  "username": "pipeline:{{SessionName}}"
# duplicates: the last one counts
- rolearn: arn:aws:iam::111122223333:role/dev
  username: dev-of-2019
  groups: [viewers]
- rolearn: arn:aws:iam::111122223333:role/DEV
  username: dev
  groups:
    - developers   # both needed
    - viewers
- rolearn: arn:aws:iam::111122223333:role/dev
  username: dev:{{SessionName}}
  groups: [developers, viewers]
# identical duplicates: entry 9 is taken over
- rolearn: arn:aws:iam::111122223333:role/support
  username: support
  groups: [viewers, support]
- rolearn: arn:aws:iam::111122223333:role/support
  username: support
  groups: [support, viewers]
# Identity Center: foreign
- sso:
    permissionSetName: DataEngineer
    accountID: "111122223333"
  username: data:{{SessionName}}
  groups: [data]
- RoleARN: arn:aws:iam::111122223333:role/odd-case
  UserName: odd
  GROUPS: ["odd-case"]
- {rolearn: arn:aws:iam::111122223333:role/flow, username: flow, groups: [flow]}
# a role's path, which nobody matches: foreign
- rolearn: arn:aws:iam::111122223333:role/eng/with-path
  username: with-path
  groups: [eng]
- rolearn: arn:aws:iam::111122223333:role/with-userid
  username: with-userid
  userid: AROAAAAAAAAAAAAAAAAAA
# a session's ARN: foreign
- rolearn: arn:aws:sts::111122223333:assumed-role/ci/session
  username: ci
# no ARN: foreign
- username: nobody
  groups: [nothing]
- rolearn: arn:aws:iam::111122223333:role/groups-only
  groups: [auditors]
- rolearn: arn:aws-cn:iam::111122223333:role/dev
  username: dev-in-china
- rolearn: 'arn:aws:iam::444455556666:role/dev'
  username: 'it''s "quoted" \\ and $\{odd}'
  groups: ['a: b', "tab\\tbed"]
- rolearn: arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_0123456789abcdef
  username: admin:{{SessionNameRaw}}
  groups: [system:masters]
`;

const mapUsers = `- userarn: arn:aws:iam::111122223333:user/alice
  username: alice
  groups: # on call
    - oncall
- userarn: arn:aws:iam::111122223333:user/people/bob
  username: bob
- userarn: arn:aws:iam::111122223333:user/dev
  username: dev-user
  groups:
  - développeurs
  - 開発者
- userarn: arn:aws:iam::111122223333:user/jane@example.com
  username: "yes"
# an unquoted number is no username: foreign
- userarn: arn:aws:iam::111122223333:user/numeric
  username: 123
`;

const mapAccounts = `- "111122223333"
- "012345678901"
- 444455556666
# once is enough
- "777788889999"
- '777788889999'
`;

/** The data of the map. */
export const historicData = { mapRoles, mapUsers, mapAccounts, notes: "kept by the platform team\n" } as const;

/** The map as a manifest. */
export const historicManifest = manifestOf(historicData);
