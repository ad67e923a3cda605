import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDocument } from "../../../provider/document/index.ts";
import { reparseKeyText } from "../../../provider/document/verify.ts";
import { anyName, styledMap } from "./styles.ts";

const fragment = fc.constantFrom(
  ...[
    "\n",
    "\n\n",
    "  ",
    "- ",
    "- rolearn: x\n",
    "  - rolearn: x\n",
    "# c\n",
    "    # c\n",
    "---\n",
    "...\n",
    "'",
    '"',
    "[",
    "&a ",
    "*a",
    "|+\n",
    ": ",
    "{",
  ],
);

describe("a text of which an earlier version is known is read as if it were not", () => {
  test("whatever is put in, cut out or moved", () => {
    const change = fc.record({ at: fc.nat(400), cut: fc.nat(60), put: fc.oneof(fc.constant(""), fragment) });
    fc.assert(
      fc.property(styledMap(1), fc.array(change, { minLength: 1, maxLength: 3 }), ({ text }, changes) => {
        const previous = parseDocument({ mapRoles: text });
        const changed = changes.reduce((result, { at, cut, put }) => {
          const start = at % (result.length + 1);
          return result.slice(0, start) + put + result.slice(start + cut);
        }, text);
        expect(parseDocument({ mapRoles: changed }, previous)).toEqual(parseDocument({ mapRoles: changed }));
      }),
      { numRuns: 1000 },
    );
  });

  test("whichever entries are shared", () => {
    fc.assert(
      fc.property(styledMap(1, anyName), fc.array(fc.nat(9), { maxLength: 8 }), ({ text }, order) => {
        const previous = parseDocument({ mapRoles: text });
        const { head, items, tail } = previous.mapRoles;
        const pieces = order.map((at) => items[at % items.length]).map((item) => (item ? item.lead + item.text : ""));
        const changed = head + pieces.join("") + tail;
        expect(parseDocument({ mapRoles: changed }, previous)).toEqual(parseDocument({ mapRoles: changed }));
      }),
      { numRuns: 1000 },
    );
  });
});

test("entries before and behind the change stay the same objects", () => {
  const entry = (name: string) => `- rolearn: ${name}\n  username: u\n`;
  const before = parseDocument({ mapRoles: ["a", "b", "c", "d", "e"].map(entry).join("") }).mapRoles;
  const after = reparseKeyText(before, ["a", "b", "x", "c", "d", "e"].map(entry).join(""));
  const kept = after?.items.filter((item) => before.items.includes(item)).map(({ entry: { arn } }) => arn);
  expect(kept).toEqual(["a", "d", "e"]);
});
