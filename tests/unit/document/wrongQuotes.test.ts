import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { appendEntry, parseDocument, renderKey, updateEntry } from "../../../provider/document/index.ts";
import { parseKeyText } from "../../../provider/document/keyText.ts";
import type { Mapping } from "../../../provider/mapping/index.ts";
import { cases } from "../../support/nightly.ts";
import { anyName, mapping } from "./styles.ts";

vi.mock("../../../provider/yamlv2/scalar.ts", async (original) => ({
  ...(await original<typeof import("../../../provider/yamlv2/scalar.ts")>()),
  renderScalar: (text: string) => text,
}));

const own = "- groups:\n  - a\n  rolearn: arn:aws:iam::111122223333:role/own\n  username: own\n";

/** The text after an edit; undefined if it is refused. */
function editedText(edit: (text: string, mapping: Mapping) => string, wanted: Mapping): string | undefined {
  try {
    return edit(own, wanted);
  } catch (error) {
    expect(error).toMatchObject({ code: "unsupportedEntry" });
    return undefined;
  }
}

const edits: readonly (readonly [name: string, edit: (text: string, mapping: Mapping) => string])[] = [
  ["added", (text, wanted) => renderKey(appendEntry(parseDocument({ mapRoles: text }), wanted).document, "mapRoles")],
  [
    "changed",
    (text, wanted) => {
      const document = parseDocument({ mapRoles: text });
      const [item] = document.mapRoles.items;
      return item === undefined ? text : renderKey(updateEntry(document, item.entry, wanted).document, "mapRoles");
    },
  ],
];

it.each(edits)("an entry that is %s without the quotes that it needs is refused, not written", (_, edit) => {
  let refused = 0;
  fc.assert(
    fc.property(mapping(anyName), (wanted) => {
      const text = editedText(edit, wanted);
      if (text === undefined) {
        refused++;
        return;
      }
      const { arn, username = "", groups } = parseKeyText("mapRoles", text).items.at(-1)?.entry ?? {};
      expect({ arn, username, groups }).toEqual({
        arn: wanted.arn,
        username: wanted.username ?? "",
        groups: wanted.groups,
      });
    }),
    { numRuns: cases(1_000, 20_000) },
  );
  expect(refused).toBeGreaterThan(100);
});
