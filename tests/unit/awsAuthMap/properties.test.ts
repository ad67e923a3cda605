import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AwsAuthMap,
  appendEntry,
  dataKeys,
  entriesOf,
  entryMapping,
  type MapEntry,
  mapChangesSince,
  parseMap,
  problemsOf,
  removeEntry,
  renderKey,
  replaceEntry,
} from "../../../provider/awsAuthMap/index.ts";
import type { Mapping } from "../../../provider/mapping/index.ts";
import { anyMapping, flowMap, styledMap } from "../../support/authenticator/maps.ts";
import { cases } from "../../support/nightly.ts";

const parse = (text: string) => parseMap({ mapRoles: text });
const textOf = (map: AwsAuthMap) => renderKey(map, "mapRoles");
const textsOf = ({ mapRoles }: AwsAuthMap) => mapRoles.items.map((item) => item.text);
const last = (map: AwsAuthMap) => entriesOf(map).slice(-1);
const contentOf = ({ arn, username, groups }: Mapping | MapEntry) => ({ arn, username, groups: new Set(groups) });

const index = fc.nat({ max: 20 });
const runs = { numRuns: cases(150, 600) };

/** Replaces an entry, unless it has a comment or another field. */
function replacedIfOwn(map: AwsAuthMap, entry: MapEntry, wanted: Mapping): AwsAuthMap {
  try {
    return replaceEntry(map, entry, wanted);
  } catch (error) {
    expect(error).toMatchObject({ code: "unsupportedEntry" });
    return map;
  }
}

describe.each([
  ["in block style", styledMap],
  ["in brackets", flowMap],
])("a list %s in any formatting", (_, anyStyle) => {
  test("is rendered unchanged, with all entries of its text", () => {
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

  test("is restored byte for byte if appended and replaced entries are removed in any order", () => {
    const added = fc.array(fc.tuple(anyMapping, fc.option(anyMapping), index), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyStyle(1), added, ({ text, mappings }, edits) => {
        const before = parse(text);
        let map = before;
        const fresh = edits.map(([mapping, other, order]) => {
          map = appendEntry(map, mapping);
          map = other === null ? map : last(map).reduce((rest, entry) => replaceEntry(rest, entry, other), map);
          return { entries: last(map), order };
        });
        mapChangesSince(map, before);
        const wanted = [...mappings, ...edits.map(([mapping, other]) => other ?? mapping)];
        expect(entriesOf(parse(textOf(map))).map(contentOf)).toEqual(wanted.map(contentOf));
        for (const { entries } of fresh.toSorted((a, b) => a.order - b.order)) {
          map = entries.reduce(removeEntry, map);
        }
        expect(textOf(map)).toBe(text);
      }),
      runs,
    );
  });

  test("changes one entry in each edit, and no byte of other entries", () => {
    const edit = fc.record({ what: fc.constantFrom("append", "replace", "remove"), at: index, wanted: anyMapping });
    fc.assert(
      fc.property(anyStyle(1), fc.array(edit, { maxLength: 12 }), ({ text }, edits) => {
        let map = parse(text);
        for (const { what, at, wanted } of edits) {
          const before = map;
          const texts = textsOf(before);
          const place = at % Math.max(texts.length, 1);
          const entry = entriesOf(before)[place];
          if (what === "append" || entry === undefined) {
            map = appendEntry(before, wanted);
            expect(textsOf(map).slice(0, -1)).toEqual(texts);
          } else if (what === "remove") {
            map = removeEntry(before, entry);
            expect(textsOf(map)).toEqual(texts.toSpliced(place, 1));
          } else {
            map = replacedIfOwn(before, entry, wanted);
            expect(textsOf(map).toSpliced(place, 1)).toEqual(texts.toSpliced(place, 1));
          }
          mapChangesSince(map, before);
          expect(entriesOf(parse(textOf(map)))).toEqual(entriesOf(map));
        }
      }),
      runs,
    );
  });
});

test("any text is rendered unchanged, and nothing is thrown", () => {
  const fragments = ["- ", "rolearn: x", "groups:", "\n", "  ", ..."[]{}#'\"&*|>!\t,".split(""), "---\n", ": ", "a"];
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...fragments)).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (source) => {
      const map = parseMap({ mapRoles: source, mapUsers: source, mapAccounts: source });
      expect(dataKeys.map((key) => renderKey(map, key))).toEqual([source, source, source]);
    }),
    { numRuns: cases(400, 2_000) },
  );
});
