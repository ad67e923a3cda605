import fc from "fast-check";
import type { MapData } from "./maps.ts";

/** A role or user that exists, as IAM knows it. */
export interface WorldPrincipal {
  /** With its path. */
  readonly arn: string;
  readonly uniqueId: string;
}

/** The account of the cluster. */
export const clusterAccount = "111122223333";

/** All roles and users that there are. */
export const principals: readonly WorldPrincipal[] = [
  "role/dev",
  "role/eng/ops",
  "role/teams/Platform/Admin-Role",
  "role/node",
  "role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123456789abcdef",
  "role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch",
  "role/stranger",
  "user/jane@example.com",
  "user/people/joe",
  "user/Dev",
  "444455556666:role/eng/dev",
  "444455556666:user/guest",
].map((text, index) => {
  const [account, resource] = text.includes(":") ? text.split(":") : [clusterAccount, text];
  const prefix = resource?.startsWith("user") ? "AIDA" : "AROA";
  return { arn: `arn:aws:iam::${account}:${resource}`, uniqueId: `${prefix}${index}` };
});

/** ARNs that entries have: as the authenticator compares them, most of all. */
const arn = fc
  .tuple(
    fc.constantFrom(...principals, { arn: "arn:aws:iam::111122223333:role/gone", uniqueId: "" }),
    fc.oneof(
      { weight: 12, arbitrary: fc.constant("bare") },
      { weight: 1, arbitrary: fc.constant("path") },
      { weight: 2, arbitrary: fc.constant("capitals") },
      { weight: 1, arbitrary: fc.constant("session") },
      { weight: 1, arbitrary: fc.constant("partition") },
    ),
  )
  .map(([{ arn }, form]) => {
    const bare = arn.replace(/:role\/.*\//, ":role/");
    switch (form) {
      case "path":
        return arn;
      case "capitals":
        // EKS refuses a user in another letter case than IAM's; a role is looked up.
        return bare.replace(/(?<=role\/)[^/]+$/, (name) => name.toUpperCase());
      case "session":
        return bare.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/").replace(/$/, "/session");
      case "partition":
        return bare.replace("arn:aws:", "arn:aws-cn:");
      default:
        return bare;
    }
  })
  .filter((text) => !text.includes("stranger"));

const piece = fc.constantFrom(
  ...[
    "system:",
    "eks:",
    "aws:",
    "iam:",
    "amazon:",
    "System:",
    "dev",
    "ci",
    ":",
    "-",
    "@",
    "",
    "Ä",
    "{{",
    "}}",
    "{{x}}",
  ],
  ...["{{SessionName}}", "{{SessionName}}", "{{SessionNameRaw}}", "{{AccountID}}", "{{AccessKeyID}}"],
  "{{EC2PrivateDNSName}}",
);
const oddName = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
const username = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "dev",
      "admin",
      "dev:{{SessionName}}",
      "x:{{SessionNameRaw}}",
      "company:ci",
      "",
      "system",
    ),
  },
  { weight: 3, arbitrary: oddName },
);
const group = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom("viewers", "editors", "viewers", "company:ops", "system:masters") },
  { weight: 1, arbitrary: fc.constantFrom("system:monitoring", "system:nodes", "System:x", "g-{{AccountID}}", "") },
  { weight: 1, arbitrary: oddName },
);

const content = fc.oneof(
  { weight: 8, arbitrary: fc.record({ username, groups: fc.array(group, { maxLength: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      username: fc.constantFrom(
        "system:node:{{EC2PrivateDNSName}}",
        "system:node:{{EC2PrivateDNSName}}",
        "system:node:{{SessionName}}",
      ),
      groups: fc.constantFrom(
        ["system:bootstrappers", "system:nodes"],
        ["system:nodes"],
        ["system:bootstrappers", "system:nodes", "eks:kube-proxy-windows"],
        ["system:bootstrappers", "system:nodes", "system:node-proxier"],
        ["system:nodes", "viewers"],
      ),
    }),
  },
);

/** Not where IAM has it: a user among the roles, a field that is missing, an entry for a permission set. */
const item = (own: string, kind: "role" | "user") =>
  fc
    .tuple(
      arn.filter((text) => text.includes(`:${kind}/`)),
      arn,
      content,
      fc.nat({ max: 19 }),
    )
    .map(([usual, any, { username, groups }, odd]): object => {
      switch (odd) {
        case 0:
          return { [own]: any, username, groups };
        case 1:
          return { [own]: usual, groups };
        case 2:
          return { [own]: usual, username };
        case 3:
          return own === "rolearn"
            ? { sso: { permissionSetName: "Admin", accountID: clusterAccount }, username, groups }
            : { [own]: usual, username, groups };
        case 4:
          return { username, groups };
        default:
          return { [own]: usual, username, groups };
      }
    });

const list = (items: fc.Arbitrary<unknown>, maxLength: number) =>
  fc
    .array(items, { maxLength })
    .map((entries) => entries.map((entry) => `- ${JSON.stringify(entry)}\n`).join("") || "[]\n");

/** Maps of the {@link principals}, all of which the authenticator can read: what can move, what cannot, and what grants nothing. */
export const anyMoveMap: fc.Arbitrary<MapData> = fc.record(
  {
    mapRoles: list(item("rolearn", "role"), 7),
    mapUsers: list(item("userarn", "user"), 4),
    mapAccounts: list(fc.constantFrom(clusterAccount, "444455556666", "999999999999"), 1),
  },
  { requiredKeys: ["mapRoles"] },
);
