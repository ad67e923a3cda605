import fc from "fast-check";
import type { ArnMapping } from "../../../provider/mapping/index.ts";

/** Texts of mapRoles in the styles that maps in the wild have: indentation, quoting, field order, flow and block, comments, line breaks. */
export interface StyledMap {
  readonly text: string;
  /** What the text says, entry by entry. */
  readonly mappings: readonly ArnMapping[];
}

const names = [
  "a",
  "b",
  "dev",
  "system:masters",
  "system:node:{{EC2PrivateDNSName}}",
  "team-é",
  "a b",
  "x_1",
  "o'neil",
  "it's",
];
// What readers of YAML 1.1 or 1.2 would take for something else, or that cannot stand unquoted.
const traps = [
  "y",
  "No",
  "on",
  "~",
  "null",
  "true",
  "1e3",
  "0123",
  "0x1F",
  "1_000",
  "0b11",
  "12:30:45",
  "2001-12-14",
  ".inf",
  "=",
  "<<",
];
const awkward = [
  "a: b",
  "a #b",
  "#a",
  "- a",
  "{a}",
  "[a",
  "*a",
  "&a",
  "!a",
  "%a",
  "@a",
  "`a`",
  "a:",
  ":a",
  '"a"',
  "a\\b",
  "a,b",
  "?",
  "|",
  ">",
  "...",
  "---",
];

/** A username or group. */
export const anyName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constantFrom(...traps, ...awkward) },
  {
    weight: 1,
    arbitrary: fc
      .string({ minLength: 1, unit: "grapheme", maxLength: 12 })
      .filter((text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text)),
  },
);

/** A mapping of a role. */
export const anyMapping: fc.Arbitrary<ArnMapping> = fc
  .record({
    arn: fc.integer({ min: 0, max: 40 }).map((n) => `arn:aws:iam::123456789012:role/Role${n}`),
    username: fc.option(anyName, { nil: undefined }),
    groups: fc.uniqueArray(anyName, { maxLength: 3 }),
  })
  .filter(({ username, groups }) => username !== undefined || groups.length > 0)
  .map(({ arn, username, groups }) => ({
    kind: "role",
    arn,
    groups,
    ...(username === undefined ? {} : { username }),
  }));

interface Style {
  readonly margin: string;
  readonly gap: string;
  readonly quote: "none" | "single" | "double";
  readonly quoteKeys: boolean;
  readonly order: readonly ("rolearn" | "username" | "groups" | "userid")[];
  readonly groups: "flush" | "indented" | "brackets";
  readonly isFlow: boolean;
  readonly arnKey: string;
  readonly remark: string;
  readonly lead: string;
}

const style: fc.Arbitrary<Style> = fc.record({
  margin: fc.constant(""),
  gap: fc.constantFrom(" ", " ", "   "),
  quote: fc.constantFrom("none", "none", "single", "double"),
  quoteKeys: fc.boolean(),
  order: fc.shuffledSubarray(["rolearn", "username", "groups", "userid"], { minLength: 4 }),
  groups: fc.constantFrom("flush", "indented", "brackets"),
  isFlow: fc.constantFrom(false, false, false, true),
  arnKey: fc.constantFrom("rolearn", "rolearn", "roleARN", "RoleArn"),
  remark: fc.constantFrom("", "", " # remark"),
  lead: fc.constantFrom("", "", "# comment\n", "\n", "    # indented\n\n"),
});

function quoted(text: string, quote: Style["quote"], isFlow: boolean): string {
  const isPlain =
    /^[A-Za-z][\w:{}/-]*$/.test(text) && !/:$/.test(text) && !/^(?:y|n|no|on|yes|off|true|false|null)$/i.test(text);
  if (quote === "none" && isPlain && !(isFlow && /[{}]/.test(text))) {
    return text;
  }
  return quote === "single" ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);
}

function entryText({ arn, username, groups }: ArnMapping, given: Style): string {
  const { margin, gap, isFlow, order, quote, remark } = given;
  const indent = `${margin} ${gap}`;
  const key = (name: string) => (given.quoteKeys ? JSON.stringify(name) : name);
  const list = groups.map((group) => quoted(group, quote, isFlow || given.groups === "brackets"));
  const dash = given.groups === "indented" ? `${indent}  - ` : `${indent}- `;
  const fields = order.flatMap((name) => {
    if (name === "rolearn") {
      return [`${key(given.arnKey)}: ${quoted(arn, quote, isFlow)}`];
    }
    if (name === "userid") {
      return [`${key(name)}: AIDA0`];
    }
    if (name === "username") {
      return username === undefined ? [] : [`${key(name)}: ${quoted(username, quote, isFlow)}`];
    }
    if (list.length === 0) {
      return [];
    }
    if (isFlow || given.groups === "brackets") {
      return [`${key(name)}: [${list.join(", ")}]`];
    }
    return [`${key(name)}:${list.map((group) => `${remark}\n${dash}${group}`).join("")}`];
  });
  if (isFlow) {
    return `${margin}-${gap}{${fields.join(", ")}}${remark}\n`;
  }
  return `${margin}-${gap}${fields.join(`${remark}\n${indent}`)}${remark}\n`;
}

/** A map of at least `minLength` entries. */
export function styledMap(minLength: number): fc.Arbitrary<StyledMap> {
  return fc
    .record({
      entries: fc.array(fc.tuple(anyMapping, style), { minLength, maxLength: 5 }),
      margin: fc.constantFrom("", "", "  ", "    "),
      lineBreak: fc.constantFrom("\n", "\n", "\r\n"),
      head: fc.constantFrom("", "# head\n", "---\n", "# head\n---\n"),
      tail: fc.constantFrom("", "", "# tail\n", "\n"),
      isOpen: fc.boolean(),
    })
    .map(({ entries, margin, lineBreak, head, tail, isOpen }) => {
      const body = entries.map(([entry, given]) => given.lead + entryText(entry, { ...given, margin })).join("");
      const text = head + body + tail;
      const closed = isOpen && tail === "" ? text.replace(/\n$/, "") : text;
      return { text: closed.replaceAll("\n", lineBreak), mappings: entries.map(([entry]) => entry) };
    });
}
