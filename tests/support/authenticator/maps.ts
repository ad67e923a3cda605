import fc from "fast-check";

/** The data of a ConfigMap. */
export type MapData = Readonly<Record<string, string>>;

const accounts = ["111122223333", "012345678901"] as const;
const names = [
  "dev",
  "DEV",
  "ci",
  "AWSReservedSSO_Admin_0123456789abcdef",
  "AWSReservedSSO_Admin_fedcba9876543210",
  "jane@example.com",
] as const;

/** Identities to ask about: as AWS reports sessions and users, and as people type roles. */
export const askedArns: readonly string[] = [
  ...accounts.flatMap((account) =>
    names.flatMap((name) => [
      `arn:aws:sts::${account}:assumed-role/${name}/session`,
      `arn:aws:iam::${account}:user/${name}`,
      `arn:aws:iam::${account}:user/people/${name}`,
    ]),
  ),
  "arn:aws:iam::111122223333:role/dev",
  "arn:aws:iam::111122223333:root",
  "arn:aws:sts::111122223333:federated-user/dev",
  "arn:aws-cn:sts::111122223333:assumed-role/dev/session",
];

const arn = fc
  .tuple(
    fc.constantFrom(
      "arn:aws:iam::",
      "arn:aws:iam::",
      "arn:aws:iam::",
      "ARN:aws:IAM::",
      "arn:aws:sts::",
      "arn:aws-cn:iam::",
    ),
    fc.constantFrom(...accounts, accounts[0]).map((account) => `${account}:`),
    fc.constantFrom(
      "role/",
      "role/",
      "role/",
      "user/",
      "user/",
      "role/eng/",
      "user/people/",
      "assumed-role/",
      "federated-user/",
    ),
    fc.constantFrom(...names, "dev", "DEV"),
    fc.constantFrom("", "", "", "", "", "", "", "", "", "", "", "", "/session", "*", "\u212a", "\u017f"),
  )
  .map((parts) => parts.join(""));

const oddArn = fc.constantFrom(
  "",
  " arn:aws:iam::111122223333:role/dev ",
  "dev",
  "arn:aws:iam::111122223333:root",
  "*",
);

// What YAML 1.1 and 1.2 read otherwise, what is no string, and what needs quotes; a few of them are refused.
const trap = fc.constantFrom(
  ..."y n yes no on off true null ~ 123 0123 1e3 0x1F 1_000 0b11 0o17 2001-01-01 12:30:45 = 1. .5".split(" "),
  ..."[] {} '' '*a' '!x' \"\"".split(" "),
  "[a, b]",
  "{a: b}",
  "",
  "a #b",
  "a: b",
  "&a x",
  '"esc\\u00e9\\n"',
  "'it''s'",
  "|-\n      block",
  ">\n      folded",
  "développeur",
  "開発者",
);
const word = fc.constantFrom("dev", "admin:{{SessionName}}", "viewers", "system:masters", "a-b", "x{{AccountID}}y");

const quoted = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.constantFrom("plain", "plain", "single", "double")).map(([value, style]) => {
    if (style === "single") {
      return `'${value.replaceAll("'", "''")}'`;
    }
    return style === "double" ? JSON.stringify(value) : value;
  });
const scalar = fc.oneof({ weight: 20, arbitrary: quoted(word) }, { weight: 1, arbitrary: trap });

const groups = fc.oneof(
  { weight: 8, arbitrary: fc.array(scalar, { maxLength: 3 }).map((items) => `[${items.join(", ")}]`) },
  {
    weight: 4,
    arbitrary: fc
      .array(scalar, { minLength: 1, maxLength: 3 })
      .map((items) => items.map((item) => `\n    - ${item}`).join("")),
  },
  { weight: 1, arbitrary: trap },
);

const sso = fc
  .tuple(
    fc.constantFrom("Admin", "admin", "Other", ""),
    fc.constantFrom(...accounts, "1"),
    fc.constantFrom("", "", "", "aws"),
  )
  .map(([name, account, partition]) => {
    const rest = partition === "" ? "" : `, partition: ${partition}`;
    return `{permissionSetName: ${name || '""'}, accountID: "${account}"${rest}}`;
  });

const spelling = (name: string) => {
  const odd = [...name].map((letter, index) => (index % 2 === 0 ? letter.toUpperCase() : letter)).join("");
  return fc.constantFrom(name, name, name, name, name.toUpperCase(), odd, `"${name}"`, `'${name}'`);
};
const field = (name: string, value: fc.Arbitrary<string>) => fc.tuple(spelling(name), value);
const sometimes = (weight: number, arbitrary: fc.Arbitrary<[string, string]>) =>
  fc.oneof({ weight, arbitrary: arbitrary.map((pair) => [pair]) }, { weight: 10 - weight, arbitrary: fc.constant([]) });

const arnText = fc.oneof(
  { weight: 30, arbitrary: quoted(arn) },
  { weight: 1, arbitrary: oddArn.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: trap },
);

function entry(own: string, other: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      sometimes(9, field(own, arnText)),
      sometimes(1, field(other, arnText)),
      sometimes(8, field("username", scalar)),
      sometimes(8, field("groups", groups)),
      sometimes(1, field("sso", sso)),
      sometimes(1, field("userid", scalar)),
    )
    .chain((parts) => fc.shuffledSubarray(parts.flat(), { minLength: parts.flat().length }))
    .map((fields) => {
      if (fields.length === 0) {
        return "- {}";
      }
      return `- ${fields.map(([key, value]) => `${key}:${/^\n|^$/.test(value) ? "" : " "}${value}`).join("\n  ")}`;
    });
}

const oddEntry = fc.constantFrom(
  "- null",
  "- dev",
  "- [a]",
  "-",
  "- {rolearn: arn:aws:iam::111122223333:role/ci, username: flow}",
  "- *a",
  "- <<: *a",
  "- {rolearn: arn:aws:iam::111122223333:role/ci, username: .inf}",
  "x: y",
  "  bad indent",
  "\t- tab",
);
const account = fc.oneof(
  { weight: 6, arbitrary: quoted(fc.constantFrom(...accounts)) },
  { weight: 1, arbitrary: trap },
);

function list(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const separators = fc.constantFrom("\n", "\n", "\n", "\n\n", "\n# comment\n");
  return fc
    .tuple(
      fc.array(fc.tuple(item, separators), { maxLength: 6 }),
      fc.constantFrom("", "", "", "", "---\n", "# head\n"),
      fc.constantFrom("", "", "", "", "# tail"),
      fc.constantFrom("\n", "\n", "\n", "\n", "\r\n"),
    )
    .map(([items, head, tail, lineBreak]) => {
      const body = items.length === 0 ? "[]\n" : items.map((pair) => pair.join("")).join("");
      return (head + body + tail).replaceAll("\n", lineBreak);
    });
}

/** Maps of few principals in every spelling, style and state of disrepair. */
export const anyMap: fc.Arbitrary<MapData> = fc.record(
  {
    mapRoles: list(
      fc.oneof({ weight: 30, arbitrary: entry("rolearn", "userarn") }, { weight: 1, arbitrary: oddEntry }),
    ),
    mapUsers: list(
      fc.oneof({ weight: 30, arbitrary: entry("userarn", "rolearn") }, { weight: 1, arbitrary: oddEntry }),
    ),
    mapAccounts: list(account.map((text) => `- ${text}`)),
  },
  { requiredKeys: [] },
);
