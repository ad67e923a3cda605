import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AwsAuthMap,
  appendEntry,
  changesSince,
  entriesOf,
  entryMapping,
  type MapEntry,
  parseMap,
  problemsOf,
  removeEntry,
  renderKey,
  replaceEntry,
} from "../../../provider/awsAuthMap/index.ts";
import type { ArnMapping } from "../../../provider/mapping/index.ts";
import { flowMap } from "../../support/authenticator/flowStyles.ts";
import { anyMapping, styledMap } from "../../support/authenticator/styles.ts";
import { cases } from "../../support/nightly.ts";

const parse = (text: string) => parseMap({ mapRoles: text });
const textOf = (map: AwsAuthMap) => renderKey(map, "mapRoles");
const last = (map: AwsAuthMap) => entryAt(map, entriesOf(map).length - 1);

function entryAt(map: AwsAuthMap, index: number): MapEntry {
  const entries = entriesOf(map);
  const entry = entries[index % entries.length];
  if (entry === undefined) {
    throw new Error("the map is empty");
  }
  return entry;
}

const index = fc.nat({ max: 20 });
const runs = { numRuns: cases(150, 600) };

/** The map with another entry in place of one; the same if that has a comment or another field. */
function replacedIfOwn(map: AwsAuthMap, entry: MapEntry, wanted: ArnMapping): AwsAuthMap {
  try {
    return replaceEntry(map, entry, wanted);
  } catch (error) {
    expect(error).toMatchObject({ code: "unsupportedEntry" });
    return map;
  }
}

describe.each([
  ["in lines", styledMap],
  ["in brackets", flowMap],
])("a list %s in any style", (_, anyStyle) => {
  test("is rendered as it was, and has the entries that its text has", () => {
    fc.assert(
      fc.property(anyStyle(1), ({ text, mappings }) => {
        const map = parse(text);
        expect(problemsOf(map)).toEqual([]);
        expect(textOf(map)).toBe(text);
        expect(entriesOf(map).map(entryMapping)).toEqual(mappings);
      }),
      runs,
    );
  });

  test("keeps every byte when entries are appended, and has its bytes again when they are removed in any order", () => {
    const added = fc.array(fc.tuple(anyMapping, index), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyStyle(1), added, ({ text, mappings }, edits) => {
        const before = parse(text);
        let map = before;
        const fresh = edits.map(([mapping, order]) => {
          map = appendEntry(map, mapping);
          return { entry: last(map), order };
        });
        changesSince(map, before);
        expect(entriesOf(parse(textOf(map))).map(entryMapping)).toEqual([...mappings, ...edits.map(([one]) => one)]);
        for (const { entry } of fresh.toSorted((a, b) => a.order - b.order)) {
          map = removeEntry(map, entry);
        }
        expect(textOf(map)).toBe(text);
      }),
      runs,
    );
  });

  test("loses one entry when it is removed, and no byte of the others", () => {
    fc.assert(
      fc.property(anyStyle(2), index, ({ text, mappings }, at) => {
        const before = parse(text);
        const place = at % mappings.length;
        const map = removeEntry(before, entryAt(before, at));
        changesSince(map, before);
        const texts = (one: AwsAuthMap) => one.mapRoles.items.map((item) => item.text);
        expect(texts(map)).toEqual(texts(before).toSpliced(place, 1));
        expect(entriesOf(parse(textOf(map)))).toEqual(entriesOf(before).toSpliced(place, 1));
        const { head, items, tail, isOpen, layout } = before.mapRoles;
        if (layout === "list") {
          const rest = head + items.map(({ lead, text: own }, i) => lead + (i === place ? "" : own)).join("") + tail;
          expect(textOf(map)).toBe(isOpen ? rest.replace(/\r?\n$/, "") : rest);
        }
      }),
      runs,
    );
  });

  test("has another entry in place of one that is replaced, and keeps every byte of the others", () => {
    fc.assert(
      fc.property(anyStyle(1), anyMapping, anyMapping, ({ text }, first, second) => {
        const map = appendEntry(parse(text), first);
        const replaced = replaceEntry(map, last(map), second);
        changesSince(replaced, map);
        const { arn, username, groups } = last(parse(textOf(replaced)));
        expect({ arn, username, groups: new Set(groups) }).toEqual({
          arn: second.arn,
          username: second.username ?? "",
          groups: new Set(second.groups),
        });
        expect(textOf(removeEntry(replaced, last(replaced)))).toBe(text);
      }),
      runs,
    );
  });
});

test("any row of edits gives what parsing its text gives", () => {
  const edit = fc.record({ what: fc.constantFrom("append", "replace", "remove"), at: index, wanted: anyMapping });
  fc.assert(
    fc.property(fc.oneof(styledMap(0), flowMap(1)), fc.array(edit, { maxLength: 12 }), ({ text }, edits) => {
      let map = parse(text);
      for (const { what, at, wanted } of edits) {
        if (what === "append" || entriesOf(map).length === 0) {
          map = appendEntry(map, wanted);
        } else if (what === "remove") {
          map = removeEntry(map, entryAt(map, at));
        } else {
          map = replacedIfOwn(map, entryAt(map, at), wanted);
        }
        changesSince(map, parse(text));
        expect(entriesOf(parse(textOf(map)))).toEqual(entriesOf(map));
      }
    }),
    { numRuns: 100 },
  );
});

test("any text is rendered as it was, and nothing is thrown", () => {
  const fragments = ["- ", "rolearn: x", "groups:", "\n", "  ", ..."[]{}#'\"&*|>!\t,".split(""), "---\n", ": ", "a"];
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...fragments)).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (source) => {
      const map = parseMap({ mapRoles: source, mapUsers: source, mapAccounts: source });
      for (const key of ["mapRoles", "mapUsers", "mapAccounts"] as const) {
        expect(renderKey(map, key)).toBe(source);
      }
    }),
    { numRuns: cases(400, 2_000) },
  );
});
