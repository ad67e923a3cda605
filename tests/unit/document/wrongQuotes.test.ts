import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { EditedDocument } from "../../../provider/document/document.ts";
import {
  appendEntry,
  type Entry,
  entriesOf,
  parseDocument,
  renderKey,
  updateEntry,
} from "../../../provider/document/index.ts";
import { parseKeyText } from "../../../provider/document/keyText.ts";
import type { Mapping } from "../../../provider/mapping/index.ts";
import { cases } from "../../support/nightly.ts";
import { anyName, mapping } from "./styles.ts";

vi.mock("../../../provider/yamlv2/scalar.ts", async (original) => ({
  ...(await original<typeof import("../../../provider/yamlv2/scalar.ts")>()),
  renderScalar: (text: string) => text,
}));

const own = "- groups:\n  - a\n  rolearn: arn:aws:iam::111122223333:role/own\n  username: own\n";

const document = parseDocument({ mapRoles: own });

/** The text after an edit; undefined if it is refused. */
function textAfter(edit: (wanted: Mapping) => EditedDocument, wanted: Mapping): string | undefined {
  try {
    return renderKey(edit(wanted).document, "mapRoles");
  } catch (error) {
    expect(error).toMatchObject({ code: "unsupportedEntry" });
    return undefined;
  }
}

const edits: readonly (readonly [name: string, edit: (wanted: Mapping) => EditedDocument])[] = [
  ["added", (wanted) => appendEntry(document, wanted)],
  ["changed", (wanted) => updateEntry(document, entriesOf(document)[0] as Entry, wanted)],
];

it.each(edits)("an entry that is %s without the quotes that it needs is refused, not written", (_, edit) => {
  let refused = 0;
  fc.assert(
    fc.property(mapping(anyName), (wanted) => {
      const text = textAfter(edit, wanted);
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
    { numRuns: cases(1_000, 5_000) },
  );
  expect(refused).toBeGreaterThan(100);
});
