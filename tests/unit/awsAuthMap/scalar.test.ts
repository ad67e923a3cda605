import { describe, expect, test } from "vitest";
import { appendEntry, entriesOf, parseMap, renderKey } from "../../../provider/awsAuthMap/index.ts";

/** A group as it is written into a block list, and into a list in brackets. */
function written(group: string): readonly [inLines: string, inBrackets: string] {
  const [lines, brackets] = ["- rolearn: r\n  groups:\n  - g\n", '[{"rolearn":"r","groups":["g"]}]'].map((mapRoles) => {
    const map = appendEntry(parseMap({ mapRoles }), { kind: "role", arn: "r", groups: [group] });
    expect(entriesOf(parseMap({ mapRoles: renderKey(map, "mapRoles") })).at(-1)?.groups).toEqual([group]);
    return renderKey(map, "mapRoles").slice(mapRoles.length - 1);
  });
  return [lines?.split("  - ")[1]?.trimEnd() ?? "", /"groups":\[(.*)\]\}\]$/.exec(brackets ?? "")?.[1] ?? ""];
}

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
  "a[b",
  "a?b",
])("%s is written without quotes in lines", (text) => {
  expect(written(text)).toEqual([text, JSON.stringify(text)]);
});

describe("is written in quotes, since a YAML reader takes it for something else", () => {
  const words = "y Y n N yes Yes YES no on On off OFF true False tRUE null Null ~ = <<".split(" ");
  const numbers =
    "0 -1 +1 123 012345678901 0123 0o17 0x1F 0b11 1_000 1e3 1.5 .5 -.5 1,000 12:30:45 190:20:30.15 1. 0.0.0.0".split(
      " ",
    );
  const others = ["2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", ".inf", "-.Inf", ".nan"];
  test.each(["", ...words, ...numbers, ...others])("%j", (text) => {
    expect(written(text)).toEqual([JSON.stringify(text), JSON.stringify(text)]);
  });
});

test.each([
  ..."{{SessionName}}|-a|?a|:a|,a|[a|]a|{a|}a|#a|&a|*a|!a|'a|\"a|%a|@a|`a|...|... a|---| a|a: b|a:|a #b|a ".split("|"),
  "|a",
  ">a",
  "a\tb",
  "a\nb",
  "a\u0085b",
  "a\u2028b",
  "\ufeffa",
  "a\u007fb",
])("%j is written in double quotes, in printable ASCII, since it is no plain scalar", (text) => {
  const [lines] = written(text);
  expect(lines).toMatch(/^"[ -~]*"$/);
  expect(JSON.parse(lines)).toBe(text);
});
