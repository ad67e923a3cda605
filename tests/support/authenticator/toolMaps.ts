import fc from "fast-check";
import { historicData } from "../cli/historicMap.ts";
import { validMap } from "./edits.ts";
import { anyMap, type MapData } from "./maps.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const user = (name: string) => `arn:aws:iam::111122223333:user/${name}`;

/** Maps as each tool and as users write them. */
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
    mapUsers: `- userarn: ${user("people/dev")}\r\n  username: dev\r\n  groups:\r\n  - a\r\n- userarn: ${user("dev")}\r\n  username:\r\n  groups:\r\n  - 0123\r\n  - b\r\n- userarn: ${user("DEV")}\r\n  username: DEV\r\n`,
    mapAccounts: `[\n  "111122223333",\n  012345678901\n]\n`,
  },
  "permission sets": {
    mapRoles: `- sso:\n    permissionSetName: Admin\n    accountID: "111122223333"\n  username: admin\n  groups: [system:masters]\n- rolearn: ${role("AWSReservedSSO_Admin_0123456789abcdef")}\n  username: |-\n    sso:{{SessionName}}\n  userid: AROAEXAMPLE\n`,
  },
  "JSON over lines": {
    mapRoles: `[\n  {\n    "rolearn": "${role("dev")}",\n    "username": "dev",\n    "groups": [\n      "a",\n      "b"\n    ]\n  },\n  {\n    "rolearn": "${role("ci")}"\n  }\n]\n`,
  },
};

// `⏎` stands for a line break.
const pieces = [
  ..." |⏎|\t|\r|-|:|#|[|]|{|}|,|\"|'|\\|>|&|*|!|?|%|@|`|~|=|<|.|+|_|0|1|y|n|é|\ufeff|\u2028|\u0085|  |    |⏎⏎|⏎  |\r⏎|- |: ".split(
    "|",
  ),
  ..." #|# x⏎|---|...⏎|---⏎|<<: *a|&a |*a|!!str |? |\\n|\\u0041|\\x41|''|null|.inf|1e3|0x1F|true|>-⏎    |[a, b]|{a: b}".split(
    "|",
  ),
  ..."⏎#x⏎;,⏎; ;|;|-⏎      ".split(";"),
].map((piece) => piece.replaceAll("⏎", "\n"));

/** A change of a text: replaces some characters by a piece, or repeats, shifts or removes a line. */
const change = fc.record({
  at: fc.noBias(fc.integer({ min: 0, max: 9_999 })),
  kind: fc.constantFrom("replace", "insert", "insert", "remove", "repeat", "shift", "join"),
  piece: fc.constantFrom(...pieces),
  length: fc.integer({ min: 1, max: 4 }),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(text: string, { at, kind, piece, length }: Change): string {
  const offset = Math.floor((at / 10_000) * (text.length + 1));
  const line = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset) + 1 || text.length;
  const shifted = length > 2 ? " ".repeat(length - 2) + text.slice(line) : text.slice(line).replace(/^ {1,2}/, "");
  const changes = {
    replace: text.slice(0, offset) + piece + text.slice(offset + length),
    insert: text.slice(0, offset) + piece + text.slice(offset),
    remove: text.slice(0, offset) + text.slice(offset + length),
    repeat: text.slice(0, end) + text.slice(line),
    shift: text.slice(0, line) + shifted,
    join: text.slice(0, line) + text.slice(end),
  };
  return changes[kind];
}

/** Maps of tools with one or two small changes, and arbitrary maps. */
export const changedMap: fc.Arbitrary<MapData> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(...Object.values(toolMaps), historicData) },
          { weight: 1, arbitrary: validMap },
        ),
        fc.nat(),
        fc.array(change, { minLength: 1, maxLength: 2 }),
      )
      .map(([data, which, changes]) => {
        const keys = Object.keys(data).filter((key) => key.startsWith("map"));
        const key = keys[which % keys.length] ?? "mapRoles";
        return { ...data, [key]: changes.reduce(changed, data[key] ?? "") };
      }),
  },
  { weight: 1, arbitrary: anyMap },
);
