import fc from "fast-check";
import { type MapData, word } from "./maps.ts";

/** A role or user that exists in IAM. */
export interface WorldPrincipal {
  /** Includes the path. */
  readonly arn: string;
  readonly uniqueId: string;
}

/** The account of the cluster. */
export const clusterAccount = "111122223333";

/** All roles and users that exist. */
export const principals: readonly WorldPrincipal[] = [
  ...["role/dev", "role/eng/ops", "role/teams/Platform/Admin-Role", "role/node", "role/stranger"],
  "role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Admin_0123456789abcdef",
  "role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch",
  ...["user/jane@example.com", "user/people/joe", "user/Dev"],
  ...["444455556666:role/eng/dev", "444455556666:user/guest"],
].map((text, index) => {
  const resource = text.includes(":") ? text : `${clusterAccount}:${text}`;
  return { arn: `arn:aws:iam::${resource}`, uniqueId: `${resource.includes(":user/") ? "AIDA" : "AROA"}${index}` };
});

// EKS refuses a user ARN in another letter case than IAM's; role names are looked up.
const inCapitals = (bare: string) => bare.replace(/(?<=role\/)[^/]+$/, (name) => name.toUpperCase());

/** ARNs in entries, mostly in the form that the authenticator compares. */
const arn = fc
  .tuple(
    fc.constantFrom(...principals.map(({ arn }) => arn), `arn:aws:iam::${clusterAccount}:role/gone`),
    fc.constantFrom<(bare: string, arn: string) => string>(
      ...Array.from({ length: 12 }, () => (bare: string) => bare),
      (_, arn) => arn,
      inCapitals,
      inCapitals,
      (bare) => `${bare.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/session`,
      (bare) => bare.replace("arn:aws:", "arn:aws-cn:"),
    ),
  )
  .map(([arn, spelled]) => spelled(arn.replace(/:role\/.*\//, ":role/"), arn))
  .filter((text) => !text.includes("stranger"));

/** Names built from templates, reserved prefixes and other pieces. */
export const oddName: fc.Arbitrary<string> = fc
  .array(
    word(
      "system: eks: aws: amazon: iam: System: node: masters nodes dev ci a A : - @ Ä { {{ }} {{x}} {{SessionName}}",
      ..."{{SessionName}} {{SessionNameRaw}} {{AccountID}} {{AccessKeyID}} {{EC2PrivateDNSName}}".split(" "),
      "",
    ),
    { maxLength: 4 },
  )
  .map((pieces) => pieces.join(""));

const username = fc.oneof(
  { weight: 6, arbitrary: word("dev admin dev:{{SessionName}} x:{{SessionNameRaw}} company:ci system", "") },
  { weight: 3, arbitrary: oddName },
);
const group = fc.oneof(
  { weight: 10, arbitrary: word("viewers editors viewers company:ops system:masters") },
  { weight: 1, arbitrary: word("system:monitoring system:nodes System:x g-{{AccountID}}", "") },
  { weight: 1, arbitrary: oddName },
);
const content = fc.oneof(
  { weight: 8, arbitrary: fc.record({ username, groups: fc.array(group, { maxLength: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      username: word("{{EC2PrivateDNSName}} {{EC2PrivateDNSName}} {{SessionName}}").map(
        (name) => `system:node:${name}`,
      ),
      groups: word(
        "system:bootstrappers,system:nodes system:nodes system:nodes,viewers",
        ...["eks:kube-proxy-windows", "system:node-proxier"].map((more) => `system:bootstrappers,system:nodes,${more}`),
      ).map((names) => names.split(",")),
    }),
  },
);

/** Some entries are misplaced or incomplete: a user in mapRoles, a missing field, an entry for a permission set. */
const item = (own: string, kind: "role" | "user") =>
  fc
    .tuple(
      arn.filter((text) => text.includes(`:${kind}/`)),
      arn,
      content,
      fc.nat({ max: 19 }),
    )
    .map(([usual, any, { username, groups }, odd]): object => {
      const sso = { permissionSetName: "Admin", accountID: clusterAccount };
      const plain = { [own]: usual, username, groups };
      const oddOnes: readonly object[] = [
        { ...plain, [own]: any },
        { [own]: usual, groups },
        { [own]: usual, username },
        { username, groups },
        kind === "role" ? { sso, username, groups } : plain,
      ];
      return oddOnes[odd] ?? plain;
    });

const list = (items: fc.Arbitrary<unknown>, maxLength: number) =>
  fc
    .array(items, { maxLength })
    .map((entries) => entries.map((entry) => `- ${JSON.stringify(entry)}\n`).join("") || "[]\n");

/** Maps of the {@link principals} that the authenticator can read, with entries that can move, that cannot, and that grant nothing. */
export const anyMoveMap: fc.Arbitrary<MapData> = fc.record(
  {
    mapRoles: list(item("rolearn", "role"), 7),
    mapUsers: list(item("userarn", "user"), 4),
    mapAccounts: list(fc.constantFrom(clusterAccount, "444455556666", "999999999999"), 1),
  },
  { requiredKeys: ["mapRoles"] },
);
