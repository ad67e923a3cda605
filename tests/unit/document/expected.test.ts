import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AwsAuthDocument, entriesOf, expectedItems, parseDocument } from "../../../provider/document/index.ts";
import { defaultStyle, renderEntry } from "../../../provider/document/style.ts";
import type { Mapping } from "../../../provider/mapping/index.ts";
import { cases } from "../../support/nightly.ts";
import { anyName, mapping } from "./styles.ts";

/** Text between and instead of entries: what belongs to a neighbour, ends the document, opens a string, or is no entry. */
const odd = fc.constantFrom(
  "\n",
  "# remark\n",
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

function parsed(pieces: readonly Piece[], expected: readonly Mapping[]): [AwsAuthDocument, AwsAuthDocument] {
  const data = { mapRoles: textOf(pieces) };
  return [parseDocument(data, undefined, undefined, undefined, expectedItems(expected)), parseDocument(data)];
}

const role = mapping(anyName).map((any): Mapping => (any.kind === "user" ? { ...any, kind: "role" } : any));
const entry = role.filter(({ kind }) => kind === "role");

describe("a map whose entries are expected", () => {
  it("reads as it does when it is parsed, whatever stands between them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: entry }, odd), { maxLength: 12 }),
        fc.nat(),
        (pieces, skipped) => {
          const mappings = pieces.filter((piece) => typeof piece !== "string");
          pieces.push(...mappings.slice(0, 1));
          const expected = mappings.filter((_, index) => index % 4 !== skipped % 4);
          const [told, read] = parsed(pieces, expected);
          expect(told).toEqual(read);
          // Entries are told apart by identity.
          expect(new Set(entriesOf(told)).size).toBe(entriesOf(read).length);
        },
      ),
      { numRuns: cases(2_000, 20_000) },
    );
  });

  it("does not take an entry for another key's", () => {
    const mapped = { kind: "user", arn: "arn:aws:iam::111122223333:user/a", groups: ["a"] } as const;
    const text = renderEntry("mapUsers", mapped, defaultStyle);
    const [told, read] = [expectedItems([mapped]), undefined].map((expected) =>
      parseDocument({ mapRoles: text, mapUsers: text }, undefined, undefined, undefined, expected),
    );
    expect(told).toEqual(read);
  });
});
