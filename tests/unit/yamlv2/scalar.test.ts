import { describe, expect, test } from "vitest";
import { entriesOf, parseDocument } from "../../../provider/document/index.ts";
import { renderScalar } from "../../../provider/yamlv2/scalar.ts";

describe("left as it is", () => {
  test.each([
    "admin",
    "system:masters",
    "system:node:{{EC2PrivateDNSName}}",
    "arn:aws:iam::123456789012:role/a+b=c,d.e@f-g_h",
    "a b",
    "é",
    "yesterday",
    "n1",
    "/x",
    "$x",
  ])("%s", (text) => {
    expect(renderScalar(text, "plain")).toBe(text);
  });
});

describe("quoted, since a YAML reader takes it for something else", () => {
  const words = [
    "y",
    "Y",
    "n",
    "N",
    "yes",
    "Yes",
    "YES",
    "no",
    "on",
    "On",
    "off",
    "OFF",
    "true",
    "False",
    "tRUE",
    "null",
    "Null",
    "~",
    "",
    "=",
    "<<",
  ];
  const numbers = [
    "0",
    "-1",
    "+1",
    "123",
    "012345678901",
    "0123",
    "0o17",
    "0x1F",
    "0b11",
    "1_000",
    "1e3",
    "1.5",
    ".5",
    "-.5",
    "1,000",
    "12:30:45",
    "190:20:30.15",
    "1.",
    "0.0.0.0",
  ];
  const others = [
    "2001-12-14",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43",
    ".inf",
    "-.Inf",
    "+.INF",
    ".nan",
    ".NaN",
  ];
  test.each([...words, ...numbers, ...others])("%j", (text) => {
    expect(renderScalar(text, "plain")).toBe(JSON.stringify(text));
  });
});

describe("quoted, since it is no plain scalar", () => {
  const starts = [
    "{{SessionName}}",
    "-a",
    "- a",
    "?a",
    ":a",
    ",a",
    "[a",
    "]a",
    "{a",
    "}a",
    "#a",
    "&a",
    "*a",
    "!a",
    "|a",
    ">a",
    "'a",
    '"a',
    "%a",
    "@a",
    "`a",
    "...",
    "... a",
    "---",
    " a",
  ];
  test.each([...starts, "a: b", "a:", "a #b", "a ", "a\tb", "a\nb", "a\u0085b", "a\u2028b", "\ufeffa", "a\u007fb"])(
    "%j",
    (text) => {
      const quoted = renderScalar(text, "plain");
      expect(quoted).toMatch(/^"[ -~]*"$/);
      expect(JSON.parse(quoted)).toBe(text);
    },
  );

  test.each(["a,b", "a[b", "a]b", "a{b", "a}b", "a?b", "a#b"])("%j in brackets", (text) => {
    expect(renderScalar(text, "plain", "block")).toBe(text);
    expect(renderScalar(text, "plain", "flow")).toBe(`"${text}"`);
  });
});

test("quotes follow the wish where they can", () => {
  expect(renderScalar("it's", "single")).toBe("'it''s'");
  expect(renderScalar("a", "double")).toBe('"a"');
  expect(renderScalar("a\nb", "single")).toBe('"a\\nb"');
});

test.each(["plain", "single", "double"] as const)("what is written %s reads back as it was", (quote) => {
  const texts = ["y", "0123", "it's", 'a "b"', "a\\b", "\u0085\u2028\ufeff\u007f\n\t", "a: b #c", "\u{1f600}", "..."];
  for (const text of texts) {
    const list = `- {rolearn: a, groups: [${renderScalar(text, quote, "flow")}]}\n- rolearn: b\n  groups:\n  - ${renderScalar(text, quote)}\n`;
    expect(entriesOf(parseDocument({ mapRoles: list })).map(({ groups }) => groups)).toEqual([[text], [text]]);
  }
});
