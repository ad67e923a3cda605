import { describe, expect, test } from "vitest";
import { entriesOf, parseDocument, removeEntry, renderKey } from "../../../provider/document/index.ts";

function remove(text: string, index: number): string {
  const document = parseDocument({ mapRoles: text });
  const entry = entriesOf(document)[index];
  if (entry === undefined) {
    throw new Error(`no entry ${index}`);
  }
  return renderKey(removeEntry(document, entry), "mapRoles");
}

describe("an entry goes with exactly its own lines", () => {
  test.each<[string, string, number, string]>([
    ["the first", "# head\n- rolearn: a\n  x: 1 # why\n- rolearn: b\n", 0, "# head\n- rolearn: b\n"],
    [
      "one in the middle, comments stay",
      "- rolearn: a\n# on b\n- rolearn: b\n  # below b\n\n- rolearn: c\n",
      1,
      "- rolearn: a\n# on b\n  # below b\n\n- rolearn: c\n",
    ],
    [
      "the last, comments stay",
      "- rolearn: a\n# on b\n- rolearn: b\n# tail\n...\n",
      1,
      "- rolearn: a\n# on b\n# tail\n...\n",
    ],
    ["the last without a final line break", "- rolearn: a\n- rolearn: b", 1, "- rolearn: a"],
    [
      "one with text over lines",
      "- rolearn: a\n- username: |\n    u\n\n  rolearn: b\n- rolearn: c\n",
      1,
      "- rolearn: a\n- rolearn: c\n",
    ],
    ["one in braces over lines", "- {rolearn: a,\n   x: 1}\n- rolearn: b\n", 0, "- rolearn: b\n"],
    ["an alias", "- &a {rolearn: a}\n- *a\n- rolearn: b\n", 1, "- &a {rolearn: a}\n- rolearn: b\n"],
    ["the first in brackets", "[{rolearn: a}, {rolearn: b}]\n", 0, "[{rolearn: b}]\n"],
    ["one in brackets", '[{"rolearn":"a"},{"rolearn":"b"},{"rolearn":"c"}]', 1, '[{"rolearn":"a"},{"rolearn":"c"}]'],
    ["the last in brackets", "[\n  {rolearn: a},\n  {rolearn: b},\n]\n", 1, "[\n  {rolearn: a},\n]\n"],
    [
      "one in brackets, comments stay",
      "[ # head\n  {rolearn: a}, # a, A\n  {rolearn: b}, # b\n  {rolearn: c} # c\n]\n",
      1,
      "[ # head\n  {rolearn: a}, # a, A\n  # b\n  {rolearn: c} # c\n]\n",
    ],
    [
      "the first in brackets, comments stay",
      "[ # head\n  {rolearn: a}, # a\n  {rolearn: b}\n]\n",
      0,
      "[ # head\n  # a\n  {rolearn: b}\n]\n",
    ],
    [
      "the last in brackets, comments stay",
      "[\n  {rolearn: a}, # a\n  {rolearn: b} # b\n]\n",
      1,
      "[\n  {rolearn: a} # a\n  # b\n]\n",
    ],
    ["the last of several in its line", "[{rolearn: a} # a\n  , {rolearn: b}]\n", 1, "[{rolearn: a} # a\n]\n"],
    ["Windows line breaks", "- rolearn: a\r\n- rolearn: b\r\n", 0, "- rolearn: b\r\n"],
  ])("%s", (_, text, index, expected) => {
    expect(remove(text, index)).toBe(expected);
  });
});

describe("a key that becomes empty is an empty list", () => {
  test.each<[string, string, string]>([
    ["alone", "- rolearn: a\n", "[]\n"],
    ["with its comments", "# head\n\n- rolearn: a\n# tail\n", "# head\n\n[]\n# tail\n"],
    ["with the document's marks", "---\n- rolearn: a\n...\n", "---\n[]\n...\n"],
    ["without a final line break", "- rolearn: a", "[]"],
    ["of an indented list", "  - rolearn: a\n", "[]\n"],
    ["of a list in brackets", "[{rolearn: a}]\n", "[]\n"],
    ["of a list in brackets over lines", "# head\n[\n  {rolearn: a},\n] # tail\n", "# head\n[] # tail\n"],
    ["of a list in brackets with comments", "[ # head\n  {rolearn: a}, # a\n]\n", "[ # head\n  # a\n]\n"],
    ["Windows line breaks", "- rolearn: a\r\n  x: 1\r\n", "[]\r\n"],
  ])("%s", (_, text, expected) => {
    expect(remove(text, 0)).toBe(expected);
    expect(entriesOf(parseDocument({ mapRoles: expected }))).toEqual([]);
  });
});

describe("an entry that others need is refused, and nothing changes", () => {
  test.each<[string, string, number]>([
    ["the anchor that an alias means", "- &a {rolearn: a}\n- &a {rolearn: b}\n- *a\n", 1],
    ["the anchor of an alias", "- &a {rolearn: a}\n- *a\n", 0],
    [
      "what keeps a comment out of a text over lines",
      "- rolearn: |\n    a\n- rolearn: b\n    # comment\n- rolearn: c\n",
      1,
    ],
    ["the line break of a text over lines", "- rolearn: a\n  username: |\n    u\n- rolearn: b", 1],
  ])("%s", (_, text, index) => {
    expect(() => remove(text, index)).toThrow(expect.objectContaining({ code: "unsupportedEntry" }));
  });
});
