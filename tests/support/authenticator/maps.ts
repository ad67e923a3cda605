import fc from "fast-check";
import type { Mapping } from "../../../provider/mapping/index.ts";

/** The data of a ConfigMap. */
export type MapData = Readonly<Record<string, string>>;

/** The text of mapRoles in a style found in real clusters. */
export interface StyledMap {
  readonly text: string;
  /** The mappings in the text, in order. */
  readonly mappings: readonly Mapping[];
}

/** A value that is written to the text unquoted and unescaped. */
interface Yaml {
  readonly yaml: string;
}
type Value = string | Yaml | readonly (string | Yaml)[];
type Field = readonly [name: string, value: Value];

/** One of the space-separated words, or one of the other strings. */
export const word = (words: string, ...more: readonly string[]) => fc.constantFrom(...words.split(" "), ...more);

const names = "dev DEV ci AWSReservedSSO_Admin_0123456789abcdef AWSReservedSSO_Admin_fedcba9876543210 jane@example.com";

/** Identities to look up: session and user ARNs as AWS reports them, and role ARNs as users write them. */
export const askedArns: readonly string[] = [
  ...["111122223333", "012345678901"].flatMap((account) =>
    names
      .split(" ")
      .flatMap((name) => [
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

/** A username or group. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: word(
      "a b dev DEV viewers system:masters system:node:{{EC2PrivateDNSName}} admin:{{SessionName}} x{{AccountID}}y",
      ..."team-é x_1 o'neil it's développeur 開発者".split(" "),
      "a b",
    ),
  },
  // Texts that YAML 1.1 or 1.2 reads as another type, and texts that need quotes.
  {
    weight: 1,
    arbitrary: word(
      "y No on ~ null true 1e3 0123 0x1F 1_000 0b11 12:30:45 2001-12-14 .inf = << #a {a} [a *a &a !a %a @a `a` a: :a",
      ...'"a" a\\b a,b ? | > ... ---'.split(" "),
      ...["a: b", "a #b", "- a"],
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ minLength: 1, unit: "grapheme", maxLength: 12 })
      .filter((text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text)),
  },
);

/** A mapping of a role. */
export const anyMapping: fc.Arbitrary<Mapping> = fc
  .record({
    arn: fc.integer({ min: 0, max: 40 }).map((n) => `arn:aws:iam::123456789012:role/Role${n}`),
    username: fc.option(anyName, { nil: "" }),
    groups: fc.uniqueArray(anyName, { maxLength: 3 }),
  })
  .filter(({ username, groups }) => username !== "" || groups.length > 0)
  .map((content) => ({ kind: "role", ...content }));

const style = fc.record({
  gap: fc.constantFrom(" ", " ", "   "),
  quote: word("none none single double"),
  quoteKeys: fc.boolean(),
  spelling: word("lower lower lower upper odd"),
  hasUserId: fc.boolean(),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
  groups: word("flush indented brackets"),
  isInBraces: fc.constantFrom(false, false, false, true),
  remark: fc.constantFrom("", "", " # remark"),
  lead: fc.constantFrom("", "", "# comment\n", "\n", "    # indented\n\n"),
});
type Style = typeof style extends fc.Arbitrary<infer T> ? T : never;

/** The text before the first item of a list, between two items, and after the last. */
type Separators = readonly [open: string, separator: string, close: string];
const separators = (...choices: readonly Separators[]) => fc.constantFrom(...choices);
const [tight, spaced]: readonly [Separators, Separators] = [
  ["", ",", ""],
  ["", ", ", ""],
];

const flow = fc.record({
  isJson: fc.boolean(),
  list: separators(tight, spaced, ["\n  ", ",\n  ", "\n"], [" ", "\n, ", "\n\n"]),
  fields: separators(tight, spaced, ["\n    ", ",\n    ", "\n  "], [" ", "\n  , ", "\n  "]),
  groups: separators(tight, spaced, ["\n      ", ",\n      ", "\n    "]),
  colon: fc.constantFrom(":", ": ", " : "),
});
type Flow = typeof flow extends fc.Arbitrary<infer T> ? T : never;
const braces: Flow = { isJson: false, list: spaced, fields: spaced, groups: spaced, colon: ": " };

function join([open, separator, close]: Separators, items: readonly string[]): string {
  return open + items.join(separator) + close;
}

function scalarText(value: string | Yaml, quote: string, isInBrackets: boolean): string {
  if (typeof value !== "string") {
    return value.yaml;
  }
  const isPlain = /^[a-z][\w:@./{}-]*$/i.test(value) && !/:$|^(?:y|n|no|on|yes|off|true|false|null)$/i.test(value);
  if (quote === "none" && isPlain && !(isInBrackets && /[{}]/.test(value))) {
    return value;
  }
  return quote === "single" ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

function keyText(name: string, { spelling, quoteKeys }: Style): string {
  const odd = spelling === "upper" ? name.toUpperCase() : name.replace(/[aeiou]/g, (letter) => letter.toUpperCase());
  const key = spelling === "lower" ? name : odd;
  return quoteKeys ? JSON.stringify(key) : key;
}

const inOrder = (fields: readonly Field[], { order }: Style) =>
  order.flatMap((index) => fields.slice(index, index + 1));

function textInBraces(
  fields: readonly Field[],
  given: Style,
  { isJson, fields: between, groups, colon }: Flow,
): string {
  const scalar = (value: string | Yaml) => scalarText(value, isJson ? "double" : given.quote, true);
  const texts = inOrder(fields, given).map(([name, value]) => {
    const key = keyText(name, { ...given, quoteKeys: isJson || given.quoteKeys });
    const isList = typeof value === "object" && !("yaml" in value);
    return `${key}${isJson ? colon : colon.replace(/:$/, ": ")}${
      isList ? `[${join(groups, value.map(scalar))}]` : scalar(value)
    }`;
  });
  return `{${join(between, texts)}}`;
}

/** An entry of a block list. */
function entryText(fields: readonly Field[], given: Style): string {
  const { gap, quote, remark, lead } = given;
  if (given.isInBraces) {
    return `${lead}-${gap}${textInBraces(fields, given, braces)}${remark}\n`;
  }
  const texts = inOrder(fields, given).map(([name, value]) => {
    const key = keyText(name, given);
    if (typeof value === "string" || "yaml" in value) {
      const text = scalarText(value, quote, false);
      return `${key}:${/^\n|^$/.test(text) ? "" : " "}${text}`;
    }
    if (value.length === 0 || given.groups === "brackets") {
      return `${key}: [${value.map((item) => scalarText(item, quote, true)).join(", ")}]`;
    }
    const dash = `\n ${gap}${given.groups === "indented" ? "  " : ""}- `;
    return `${key}:${value.map((item) => remark + dash + scalarText(item, quote, false)).join("")}`;
  });
  return `${lead}-${gap}${fields.length === 0 ? "{}" : texts.join(`${remark}\n ${gap}`)}${remark}\n`;
}

const around = fc.record({
  margin: fc.constantFrom("", "", "  ", "    "),
  lineBreak: fc.constantFrom("\n", "\n", "\r\n"),
  head: fc.constantFrom("", "", "# head\n", "# head, [\n", "---\n", "# head\n---\n"),
  tail: fc.constantFrom("", "", "# tail, ]\n", "\n"),
  isOpen: fc.boolean(),
});
type Around = typeof around extends fc.Arbitrary<infer T> ? T : never;

function listText(body: string, { margin, lineBreak, head, tail, isOpen }: Around): string {
  const text = head + body.replace(/^(?=.)/gm, margin) + tail;
  return (isOpen ? text.replace(/\n$/, "") : text).replaceAll("\n", lineBreak);
}

function fieldsOf({ arn, username, groups }: Mapping, { hasUserId }: Style): Field[] {
  const fields: Record<string, Value | undefined> = {
    rolearn: arn,
    username: username === "" ? undefined : username,
    groups: groups.length === 0 ? undefined : groups,
    userid: hasUserId ? "AIDA0" : undefined,
  };
  return Object.entries(fields).flatMap(([name, value]): Field[] => (value === undefined ? [] : [[name, value]]));
}

const styledEntries = (minLength: number) => fc.array(fc.tuple(anyMapping, style), { minLength, maxLength: 5 });

/** A block list of at least `minLength` entries. */
export function styledMap(minLength: number): fc.Arbitrary<StyledMap> {
  return fc.tuple(styledEntries(minLength), around).map(([entries, outside]) => ({
    text: listText(entries.map(([mapping, given]) => entryText(fieldsOf(mapping, given), given)).join(""), outside),
    mappings: entries.map(([mapping]) => mapping),
  }));
}

/** A flow list of at least `minLength` entries. */
export function flowMap(minLength: number): fc.Arbitrary<StyledMap> {
  return fc.tuple(styledEntries(minLength), flow, around).map(([entries, given, outside]) => {
    const texts = entries.map(([mapping, own]) => textInBraces(fieldsOf(mapping, own), own, given));
    return {
      text: listText(`[${join(given.list, texts)}]\n`, { ...outside, margin: "" }),
      mappings: entries.map(([mapping]) => mapping),
    };
  });
}

const arn = fc
  .tuple(
    word("arn:aws:iam:: arn:aws:iam:: arn:aws:iam:: ARN:aws:IAM:: arn:aws:sts:: arn:aws-cn:iam::"),
    word("111122223333: 111122223333: 012345678901:"),
    word("role/ role/ role/ user/ user/ role/eng/ user/people/ assumed-role/ federated-user/"),
    word(`dev DEV ${names}`),
    fc.oneof({ weight: 3, arbitrary: fc.constant("") }, { weight: 1, arbitrary: word("/session * \u212a \u017f") }),
  )
  .map((parts) => parts.join(""));

// Values that YAML 1.1 and 1.2 read differently, that are no strings, or that need quotes; the provider refuses a few of them.
const trap: fc.Arbitrary<Yaml> = word(
  "y n yes no on off true null ~ 123 0123 1e3 0x1F 1_000 0b11 0o17 2001-01-01 12:30:45 = 1. .5 [] {} '' '*a' '!x' \"\"",
  ...["[a, b]", "{a: b}", "", "a #b", "a: b", "&a x", '"esc\\u00e9\\n"', "'it''s'"],
  ...["|-\n      block", ">\n      folded"],
).map((yaml) => ({ yaml }));
const trapped = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 25, arbitrary }, { weight: 1, arbitrary: trap });

const sso = fc
  .tuple(word('Admin admin Other ""'), word("111122223333 012345678901 1"), word("aws", "", "", ""))
  .map(([name, account, partition]) => ({
    yaml: `{permissionSetName: ${name}, accountID: "${account}"${partition && `, partition: ${partition}`}}`,
  }));
const oddArn = word("dev * arn:aws:iam::111122223333:root", "", " arn:aws:iam::111122223333:role/dev ");

/** A field that an entry has in `cases` of ten cases. */
const sometimes = (cases: number, name: string, value: fc.Arbitrary<Value>): fc.Arbitrary<readonly Field[]> =>
  fc.oneof(
    { weight: cases, arbitrary: value.map((one): Field[] => [[name, one]]) },
    { weight: 10 - cases, arbitrary: fc.constant([]) },
  );

function anyEntry(own: string, other: string): fc.Arbitrary<string> {
  const arnValue = trapped(fc.oneof({ weight: 25, arbitrary: arn }, { weight: 1, arbitrary: oddArn }));
  const fields = fc.tuple(
    sometimes(9, own, arnValue),
    sometimes(1, other, arnValue),
    sometimes(8, "username", trapped(anyName)),
    sometimes(8, "groups", trapped(fc.array(trapped(anyName), { maxLength: 3 }))),
    sometimes(1, "sso", sso),
    sometimes(1, "userid", trapped(anyName)),
  );
  return fc.tuple(fields, style).map(([parts, given]) => entryText(parts.flat(), given));
}

const oddEntry = fc.constantFrom(
  ..."- null|- dev|- [a]|-|- *a|- <<: *a|x: y|  bad indent|\t- tab".split("|").map((line) => `${line}\n`),
  "- {rolearn: arn:aws:iam::111122223333:role/ci, username: flow}\n",
  "- {rolearn: arn:aws:iam::111122223333:role/ci, username: .inf}\n",
);

const anyList = (entry: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.array(entry, { maxLength: 6 }), around)
    .map(([entries, outside]) => listText(entries.join("") || "[]\n", outside));
const anyOf = (entry: fc.Arbitrary<string>) =>
  anyList(fc.oneof({ weight: 30, arbitrary: entry }, { weight: 1, arbitrary: oddEntry }));

/** Maps of few principals in every spelling and style, with defects of any kind. */
export const anyMap: fc.Arbitrary<MapData> = fc.record(
  {
    mapRoles: anyOf(anyEntry("rolearn", "userarn")),
    mapUsers: anyOf(anyEntry("userarn", "rolearn")),
    mapAccounts: anyList(
      fc
        .tuple(trapped(word("111122223333 012345678901")), word("none single double"))
        .map(([account, quote]) => `- ${scalarText(account, quote, false)}\n`),
    ),
  },
  { requiredKeys: [] },
);
