import { describe, expect, it } from "vitest";
import type { ErrorCode } from "yaml";
import { readForeignYaml } from "../../../provider/yaml/plainYaml.ts";
import { describeProblems } from "../../../provider/yaml/yamlErrors.ts";

/** A string with each error that the parser has, and what is told of it. What no text leads to is left out. */
const texts: Readonly<Partial<Record<ErrorCode, readonly (readonly [text: string, told: string])[]>>> = {
  ALIAS_PROPS: [["a: &x 1\nb: &y *x\n", "line 2, column 7: an alias has a tag or an anchor of its own: remove it"]],
  BAD_ALIAS: [
    [
      "a: & 1\n",
      "line 1, column 4: an anchor or alias has no name, or one that ends in a colon: put the value in quotes",
    ],
  ],
  BAD_DIRECTIVE: [
    ["%TAG x\n---\na: 1\n", "line 1, column 1: a line that begins with % is not a YAML directive: put it in quotes"],
  ],
  BAD_DQ_ESCAPE: [
    [
      'a: "\\q"\n',
      "line 1, column 5: a backslash in double quotes does not begin a YAML escape: double it, or use single quotes",
    ],
  ],
  BAD_INDENT: [
    ["a:\n  b: 1\n c: 2\n", "line 3, column 1: the indentation does not fit the lines above it"],
    ["a: [1, 2\nb: 3\n", "line 2, column 1: a bracket or brace is not closed, or what is in it is not indented"],
  ],
  BAD_PROP_ORDER: [
    ["&a ? b\n", "line 1, column 4: a tag or an anchor is before its dash or colon: move it after that"],
  ],
  BAD_SCALAR_START: [
    ["a: @b\n", "line 1, column 4: a value begins with a character that YAML reserves: put it in quotes"],
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    ["data:\n  mapRoles: |\n  - rolearn: x\n", "line 3, column 1: the list has to be indented under mapRoles"],
    ["users:\n  - a: x\n - a: y\n", "line 3, column 1: the list has to be indented under users"],
    ["  - a: x\n - a: y\n", "line 2, column 2: the items of a list have to begin in the same column"],
    ["a: b: c\n", "line 1, column 5: a value without quotes contains a colon: put it in quotes"],
    ["- a: 1\n   b: 2\n", "line 2, column 5: the indentation does not fit the lines above it"],
  ],
  BLOCK_IN_FLOW: [
    [
      "a: {\n - b }\n",
      "line 2, column 2: a dash is in brackets or braces: write the list with commas, or without brackets",
    ],
  ],
  DUPLICATE_KEY: [["a: 1\na: 2\n", "line 2, column 1: a key is repeated in a map: keep one of them"]],
  KEY_OVER_1024_CHARS: [
    [
      `${"a".repeat(1100)}: 1\n`,
      "line 1, column 1: a key is longer than 1024 characters: put what is before the colon in quotes",
    ],
  ],
  MISSING_CHAR: [
    ["a: 'b\n", "line 2, column 1: a quote is not closed: close it, or indent its continuation lines"],
    ["a:\n  b: 1\n  c\n", "line 3, column 3: a key has no colon after it: write key: value"],
    ["&a - b\n", "line 1, column 1: a tag or an anchor is on the line of its list: move the list to the next line"],
    ["- a: 1\n b:\n  - c\n", "line 2, column 1: the indentation does not fit the lines above it"],
    ["- a: 1\n b\n", "line 2, column 1: a list item has no dash: begin it with one"],
    ["a: ['1' 2]\n", "line 1, column 9: a comma is missing in brackets or braces: add it"],
    ['a: "b"#c\n', "line 1, column 7: a # has no space before it: add one, or put the value in quotes"],
  ],
  MULTILINE_IMPLICIT_KEY: [
    ["a\n b: c\n", "line 2, column 3: the indentation does not fit the lines above it, or a key has no colon"],
    ["a: b\n- c\n", "line 2, column 1: the items of a list have to begin in the same column"],
  ],
  MULTIPLE_ANCHORS: [["&a &b c\n", "line 1, column 4: a value has more than one anchor: keep one of them"]],
  MULTIPLE_TAGS: [["!!str !!str c\n", "line 1, column 7: a value has more than one tag: keep one of them"]],
  TAB_AS_INDENT: [["a:\n\tb: 1\n", "line 2, column 1: a tab is used for indentation, where only spaces are allowed"]],
  TAG_RESOLVE_FAILED: [["a: !x! y\n", "line 1, column 4: a tag is not known: remove it, or put the value in quotes"]],
  UNEXPECTED_TOKEN: [
    [
      "a: 'b' c\n",
      "line 1, column 8: there is unexpected text after the end of a value; check its indentation and quotes",
    ],
    [
      "data:\n  mapRoles: - a: x\n",
      "line 2, column 13: a list begins on the line of its key: the list has to be indented under mapRoles",
    ],
    ["- a:\n  - b\nc: d\n", "line 3, column 1: the indentation does not fit the lines above it"],
    ["a: |x\n b\n", "line 1, column 5: there is text after | or >: move it to the next line"],
    ["a: [1, , 3]\n", "line 1, column 8: a comma in brackets or braces has nothing before it: remove it"],
  ],
};

const tell = (text: string) => describeProblems(text, readForeignYaml(text).problems);

describe("an error of the YAML parser", () => {
  it.each(Object.entries(texts).flatMap(([code, all]) => all.map(([text, told]) => [code, text, told] as const)))(
    "%s is told with its place, in our words, and with a way out: %j",
    (_code, text, told) => {
      expect(tell(text)[0]).toBe(told);
    },
  );

  it("is told once for each line, for three lines, of a template with its placeholder", () => {
    const text = `data:\n${Array.from({ length: 7 }, (_, index) => `  k${index}: {{ .x${index} }} {{ .y }}\n`).join("")}`;
    const told = tell(text);
    expect(told).toHaveLength(5);
    expect(told.slice(0, 3).every((line) => /^line \d+, column \d+: [a-z]/.test(line))).toBe(true);
    expect(told[3]).toMatch(/^\d+ more lines have errors$/);
    expect(told[4]).toBe("line 2 has the placeholder {{ .x0 }}; expand it first");
  });

  it.each([
    ["{% set x = 1 %}\na: b\n", "line 1 has the placeholder {% set x = 1 %}; expand it first"],
    ["%{if x}\na: b\n%{endif}\n", "line 3 has the placeholder %{endif}; expand it first"],
    ["%{ if x }\na: b\n", "line 1 has the placeholder %{ if x }; expand it first"],
    ["a: b\n{%- for x in y %}\n", "line 2 has the placeholder {%- for x in y %}; expand it first"],
  ])("is told of a template engine's statement: %j", (text, told) => {
    expect(tell(text).at(-1)).toBe(told);
  });

  it("does not take a template of the authenticator for a placeholder", () => {
    expect(tell("- username: {{SessionName}}:x\n")).toEqual([expect.not.stringContaining("placeholder")]);
  });

  it("quotes nothing but a key", () => {
    expect(tell('token: "t0p-secret" t0p-secret: x\n').join()).not.toContain("t0p");
  });
});
