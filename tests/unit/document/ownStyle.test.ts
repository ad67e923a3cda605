import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseKeyText } from "../../../provider/document/keyText.ts";
import { parseOwnStyle } from "../../../provider/document/ownStyle.ts";
import { defaultStyle, renderEntry } from "../../../provider/document/style.ts";
import type { Mapping } from "../../../provider/mapping/index.ts";
import { patience } from "../../support/hostile/yamlBombs.ts";
import { cases } from "../../support/nightly.ts";
import { anyName, mapping, plainName } from "./styles.ts";

/** Text between and instead of entries: what belongs to a neighbour, ends the document, opens a string, or is no entry. */
const odd = fc.constantFrom(
  "\n",
  "# remark\n",
  "#remark\n",
  "#- rolearn: old\n",
  "\n# remark\n",
  "- rolearn:\n",
  "    value\n",
  "  # deeper\n",
  "- rolearn: arn:aws:iam::111122223333:role/other\n",
  "- {rolearn: 'arn:aws:iam::111122223333:role/flow', groups: [a]}\n",
  "- rolearn: arn:aws:iam::111122223333:role/late\n  username: |\n    a\n    - b\n\n",
  '- username: "open\n',
  '- username: "open\n    - still"\n',
  "- username: a\u2028- username: b\n",
  "- &anchor\n  username: a\n",
  "- *anchor\n",
  "- [a,\n",
  "]\n",
  "---\n",
  "- a: b\r---\n",
  "- a: b\u2028...\n",
  "...\n",
  "- - nested\n",
  "-\n",
  "- a: b\r\n",
  " - indented\n",
  "key: value\n",
  "\t\n",
  "- last without line break",
);

type Piece = string | Mapping;

function textOf(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => (typeof piece === "string" ? piece : renderEntry("mapRoles", piece, defaultStyle)))
    .join("");
}

const role = fc
  .oneof({ weight: 2, arbitrary: mapping(plainName) }, mapping(anyName))
  .map((any): Mapping => (any.kind === "user" ? { ...any, kind: "role" } : any));
const entry = role.filter(({ kind }) => kind === "role");

describe("a map in this package's own style", () => {
  it("reads as it does when it is parsed, whatever stands between its entries", () => {
    let recognised = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: entry }, odd), { maxLength: 12 }), (pieces) => {
        const text = textOf([...pieces, ...pieces.slice(0, 1)]);
        const told = parseOwnStyle("mapRoles", text);
        expect(told ?? parseKeyText("mapRoles", text)).toEqual(parseKeyText("mapRoles", text));
        // Entries are told apart by identity.
        expect(new Set(told?.items.map((item) => item.entry)).size).toBe(told?.items.length ?? 0);
        recognised += told === undefined ? 0 : 1;
      }),
      { numRuns: cases(500, 20_000) },
    );
    expect(recognised).toBeGreaterThan(100);
  });

  it("takes no longer for comments with carriage returns than for others", () => {
    const arn = "arn:aws:iam::111122223333:role/a";
    const text = `- rolearn: ${arn}\n- rolearn: ${arn}\r\n${"# remark\r\n".repeat(1_000)}# end`;
    const start = process.cpuUsage();
    expect(parseOwnStyle("mapRoles", text)).toBeUndefined();
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1_000).toBeLessThan(patience);
  });

  it("takes no value for a string that is none, or that goes on", () => {
    const line = fc.oneof(
      // The style is that of an entry of which all values are of that kind.
      { weight: 3, arbitrary: fc.constant("dev") },
      fc.constantFrom(
        "null",
        "1",
        "true",
        "a: b",
        "a #b",
        "'a'",
        '"a',
        "|",
        ">-",
        "*a",
        "[a",
        "{a: b}",
        "? a",
        "a ",
        " a",
        "a:",
        "é",
      ),
      fc.string({ minLength: 1 }).filter((text) => !/[\r\n]/.test(text)),
      fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(..."ab1é字𝒜 :#-,{}/@\u00a0") }),
    );
    const own = "- rolearn: arn:aws:iam::111122223333:role/own\n";
    fc.assert(
      fc.property(line, line, line, (group, arn, username) => {
        const text = `${own}- groups:\n  - ${group}\n  rolearn: ${arn}\n  username: ${username}\n${own}`;
        const read = parseKeyText("mapRoles", text);
        expect(parseOwnStyle("mapRoles", text) ?? read).toEqual(read);
      }),
      { numRuns: cases(500, 20_000) },
    );
  });

  it.each(["Jane Doe", "développeur", "開発者", "1st-line", "a - b", "a:b", "ops@example.com"])(
    "takes %s as it stands",
    (username) => {
      const text = `- rolearn: arn:aws:iam::111122223333:role/a\n  username: ${username}\n`.repeat(40);
      expect(parseOwnStyle("mapRoles", text)).toEqual(parseKeyText("mapRoles", text));
    },
  );

  it("does not take an entry for another key's", () => {
    const mapped = { kind: "user", arn: "arn:aws:iam::111122223333:user/a", groups: ["a"] } as const;
    const text = renderEntry("mapUsers", mapped, defaultStyle);
    expect(parseOwnStyle("mapUsers", text)).toEqual(parseKeyText("mapUsers", text));
    expect(parseOwnStyle("mapRoles", text)).toBeUndefined();
  });
});
