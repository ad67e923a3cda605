import fc from "fast-check";
import type { ArnMapping } from "../../../provider/mapping/index.ts";
import { anyMapping, type StyledMap } from "./styles.ts";

interface FlowLayout {
  readonly name: string;
  readonly isJson: boolean;
  /** In front of the first entry, between two of them, and behind the last. */
  readonly list: readonly [open: string, separator: string, close: string];
  /** The same for the fields of an entry. */
  readonly fields: readonly [open: string, separator: string, close: string];
  readonly groups: readonly [open: string, separator: string, close: string];
  readonly colon: string;
}

/** How people and programs write a list in brackets. */
const layouts: readonly FlowLayout[] = [
  {
    name: "AWS CDK's",
    isJson: true,
    list: ["", ",", ""],
    fields: ["", ",", ""],
    groups: ["", ",", ""],
    colon: ":",
  },
  {
    name: "spaced JSON",
    isJson: true,
    list: ["", ", ", ""],
    fields: ["", ", ", ""],
    groups: ["", ", ", ""],
    colon: ": ",
  },
  {
    name: "JSON over lines",
    isJson: true,
    list: ["\n  ", ",\n  ", "\n"],
    fields: ["\n    ", ",\n    ", "\n  "],
    groups: ["\n      ", ",\n      ", "\n    "],
    colon: ": ",
  },
  {
    name: "an entry a line",
    isJson: false,
    list: ["\n  ", ",\n  ", "\n"],
    fields: ["", ", ", ""],
    groups: ["", ", ", ""],
    colon: ": ",
  },
  {
    name: "with a comma in front",
    isJson: false,
    list: [" ", "\n, ", "\n\n"],
    fields: [" ", "\n  , ", "\n  "],
    groups: ["", ", ", ""],
    colon: " : ",
  },
];

function entryText(layout: FlowLayout, { arn, username, groups }: ArnMapping): string {
  const scalar = (text: string) =>
    !layout.isJson && /^[a-z](?:[\w:/-]*\w)?$/i.test(text) && !/^(?:y|n|no|on|yes|off|true|false|null)$/i.test(text)
      ? text
      : JSON.stringify(text);
  const field = (name: string, value: string) =>
    `${layout.isJson ? JSON.stringify(name) : name}${layout.colon}${value}`;
  const fields = [
    field("rolearn", scalar(arn)),
    ...(username === undefined ? [] : [field("username", scalar(username))]),
    ...(groups.length === 0 ? [] : [field("groups", `[${join(layout.groups, groups.map(scalar))}]`)]),
    field("userid", scalar("AIDA0")),
  ];
  return `{${join(layout.fields, fields)}}`;
}

function join([open, separator, close]: FlowLayout["list"], items: readonly string[]): string {
  return open + items.join(separator) + close;
}

/** Texts of mapRoles that are lists in brackets, of at least `minLength` entries. */
export function flowMap(minLength: number): fc.Arbitrary<StyledMap> {
  return fc
    .record({
      entries: fc.array(anyMapping, { minLength, maxLength: 4 }),
      layout: fc.constantFrom(...layouts),
      lineBreak: fc.constantFrom("\n", "\n", "\r\n"),
      head: fc.constantFrom("", "", "# head, [\n", "---\n"),
      tail: fc.constantFrom("", "\n", "\n", " # tail ]\n", "\n# tail, ]\n"),
    })
    .map(({ entries, layout, lineBreak, head, tail }) => {
      const list = join(
        layout.list,
        entries.map((entry) => entryText(layout, entry)),
      );
      return { text: `${head}[${list}]${tail}`.replaceAll("\n", lineBreak), mappings: entries };
    });
}
