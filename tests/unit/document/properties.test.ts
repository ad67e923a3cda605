import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AwsAuthDocument,
  appendEntry,
  type Entry,
  entriesOf,
  entryMapping,
  parseDocument,
  problemsOf,
  removeEntry,
  renderKey,
  updateEntry,
} from "../../../provider/document/index.ts";
import { sameContent } from "../../../provider/mapping/index.ts";
import { cases } from "../../support/nightly.ts";
import { flowMap } from "./flowStyles.ts";
import { anyName, mapping, plainName, styledMap } from "./styles.ts";

function parse(text: string): AwsAuthDocument {
  return parseDocument({ mapRoles: text });
}

function textOf(document: AwsAuthDocument): string {
  return renderKey(document, "mapRoles");
}

function entryAt(document: AwsAuthDocument, index: number): Entry {
  const entries = entriesOf(document);
  const entry = entries[index % entries.length];
  if (entry === undefined) {
    throw new Error("the map is empty");
  }
  return entry;
}

const index = fc.nat({ max: 20 });
const runs = { numRuns: cases(150, 600) };

describe("for a map in any style", () => {
  test("rendering what was parsed gives the text", () => {
    fc.assert(
      fc.property(styledMap(0), ({ text }) => {
        expect(textOf(parse(text))).toBe(text);
      }),
      runs,
    );
  });

  test("the entries say what the text says", () => {
    fc.assert(
      fc.property(styledMap(1), ({ text, mappings }) => {
        const document = parse(text);
        expect(problemsOf(document)).toEqual([]);
        expect(entriesOf(document).map(entryMapping)).toEqual(mappings);
      }),
      runs,
    );
  });

  test("appending adds one entry that says the mapping, and leaves every other byte", () => {
    fc.assert(
      fc.property(styledMap(1), mapping(anyName), ({ text }, desired) => {
        const before = parse(text);
        const { document, entry } = appendEntry(before, desired);
        const after = textOf(document);
        expect(entriesOf(document)).toEqual([...entriesOf(before), entry]);
        expect(entriesOf(parse(after))).toEqual(entriesOf(document));
        expect(entryMapping(entry)).toEqual(desired);
        const end = /^(?:\.\.\.)/m.exec(text)?.index ?? text.length;
        expect(after.startsWith(text.slice(0, end))).toBe(true);
        expect(after.endsWith(text.slice(end))).toBe(true);
      }),
      runs,
    );
  });

  test("appending and then removing gives the original bytes", () => {
    fc.assert(
      fc.property(styledMap(1), mapping(anyName), ({ text }, desired) => {
        const { document, entry } = appendEntry(parse(text), desired);
        expect(textOf(removeEntry(document, entry))).toBe(text);
        const again = parse(textOf(document));
        expect(textOf(removeEntry(again, entryAt(again, entriesOf(again).length - 1)))).toBe(text);
      }),
      runs,
    );
  });

  test("updating makes the entry say the mapping, and leaves the bytes of all others", () => {
    fc.assert(
      fc.property(styledMap(1), index, mapping(anyName), ({ text }, at, desired) => {
        const before = parse(text);
        const old = entryAt(before, at);
        const { document, entry } = updateEntry(before, old, desired);
        const after = textOf(document);
        expect(sameContent(entryMapping(entry) ?? desired, desired)).toBe(true);
        expect(entriesOf(parse(after))).toEqual(entriesOf(document));
        const place = entriesOf(before).indexOf(old);
        expect(entriesOf(document)).toEqual(entriesOf(before).with(place, entry));
        const items = before.mapRoles.items.map((item) => item.lead + item.text);
        const above =
          before.mapRoles.head + items.slice(0, place).join("") + (before.mapRoles.items[place]?.lead ?? "");
        const below = items.slice(place + 1).join("") + before.mapRoles.tail;
        expect(after.startsWith(above)).toBe(true);
        expect(after.endsWith(below)).toBe(true);
        expect(after).toContain("AIDA0");
      }),
      runs,
    );
  });

  test("updating and then updating back gives the original bytes", () => {
    fc.assert(
      fc.property(styledMap(1, plainName, true), index, mapping(plainName, true), ({ text, mappings }, at, desired) => {
        const before = parse(text);
        const { document, entry } = updateEntry(before, entryAt(before, at), desired);
        const original = mappings[at % mappings.length];
        if (original === undefined) {
          throw new Error("the map is empty");
        }
        const back = textOf(updateEntry(document, entry, original).document);
        // The comments of removed lines are removed with them.
        expect(back.replaceAll(" # remark", "")).toBe(text.replaceAll(" # remark", ""));
      }),
      runs,
    );
  });

  test("an update that changes nothing gives the same document", () => {
    fc.assert(
      fc.property(styledMap(1), index, ({ text, mappings }, at) => {
        const document = parse(text);
        const desired = mappings[at % mappings.length];
        if (desired === undefined) {
          throw new Error("the map is empty");
        }
        const same = { ...desired, groups: desired.groups.toReversed() };
        expect(updateEntry(document, entryAt(document, at), same).document).toBe(document);
      }),
      runs,
    );
  });

  test("removing takes out one entry's lines, and leaves every other byte", () => {
    fc.assert(
      fc.property(styledMap(2), index, ({ text }, at) => {
        const before = parse(text);
        const old = entryAt(before, at);
        const document = removeEntry(before, old);
        expect(entriesOf(document)).toEqual(entriesOf(before).filter((entry) => entry !== old));
        expect(entriesOf(parse(textOf(document)))).toEqual(entriesOf(document));
        const removed = before.mapRoles.items[entriesOf(before).indexOf(old)]?.text ?? "";
        const isLastAndOpen = !removed.endsWith("\n");
        const expected = text.replace(removed, () => "");
        expect(textOf(document)).toBe(isLastAndOpen ? expected.replace(/\r?\n$/, "") : expected);
      }),
      runs,
    );
  });

  test("any row of edits gives what parsing its text again gives", () => {
    const edit = fc.record({
      what: fc.constantFrom("append", "update", "remove"),
      at: index,
      desired: mapping(anyName),
    });
    fc.assert(
      fc.property(styledMap(0), fc.array(edit, { maxLength: 12 }), ({ text }, edits) => {
        let document = parse(text);
        for (const { what, at, desired } of edits) {
          const isEmpty = entriesOf(document).length === 0;
          if (what === "append" || isEmpty) {
            ({ document } = appendEntry(document, desired));
          } else if (what === "update") {
            ({ document } = updateEntry(document, entryAt(document, at), desired));
          } else {
            document = removeEntry(document, entryAt(document, at));
          }
          const again = parse(textOf(document));
          expect(problemsOf(again)).toEqual([]);
          expect(entriesOf(again)).toEqual(entriesOf(document));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("for a list in brackets in any style", () => {
  test("rendering what was parsed gives the text, and the entries say what it says", () => {
    fc.assert(
      fc.property(flowMap(1), ({ text, mappings }) => {
        const document = parse(text);
        expect(problemsOf(document)).toEqual([]);
        expect(textOf(document)).toBe(text);
        expect(entriesOf(document).map(entryMapping)).toEqual(mappings);
      }),
      runs,
    );
  });

  test("appending, updating and removing in any order, until all that is new is gone, gives the original bytes", () => {
    const added = fc.array(fc.tuple(mapping(anyName), fc.option(mapping(anyName)), index), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(flowMap(1), added, ({ text }, edits) => {
        let document = parse(text);
        let fresh: readonly Entry[] = [];
        for (const [desired] of edits) {
          const appended = appendEntry(document, desired);
          ({ document } = appended);
          fresh = [...fresh, appended.entry];
        }
        fresh = fresh.map((entry, at) => {
          const desired = edits[at]?.[1];
          if (!desired) {
            return entry;
          }
          const updated = updateEntry(document, entry, desired);
          ({ document } = updated);
          return updated.entry;
        });
        expect(entriesOf(document).slice(-fresh.length)).toEqual(fresh);
        expect(entriesOf(parse(textOf(document)))).toEqual(entriesOf(document));
        const order = fresh.toSorted(
          (a, b) => (edits[fresh.indexOf(a)]?.[2] ?? 0) - (edits[fresh.indexOf(b)]?.[2] ?? 0),
        );
        for (const entry of order) {
          document = removeEntry(document, entry);
        }
        expect(textOf(document)).toBe(text);
      }),
      runs,
    );
  });

  test("JSON stays JSON", () => {
    fc.assert(
      fc.property(flowMap(1), mapping(anyName), index, ({ text }, desired, at) => {
        fc.pre(isJson(text));
        const { document } = appendEntry(parse(text), desired);
        expect(isJson(textOf(document))).toBe(true);
        const before = parse(text);
        expect(isJson(textOf(updateEntry(before, entryAt(before, at), desired).document))).toBe(true);
      }),
      runs,
    );
  });

  test("updating and then updating back gives the original bytes, and leaves the bytes of all others", () => {
    fc.assert(
      fc.property(flowMap(1, plainName, true), index, mapping(plainName, true), ({ text, mappings }, at, desired) => {
        const before = parse(text);
        const place = at % mappings.length;
        const { document, entry } = updateEntry(before, entryAt(before, at), desired);
        const { items } = document.mapRoles;
        expect(items.map((item) => item.lead)).toEqual(before.mapRoles.items.map((item) => item.lead));
        expect(items.toSpliced(place, 1)).toEqual(before.mapRoles.items.toSpliced(place, 1));
        const original = mappings[place];
        if (original === undefined) {
          throw new Error("the map is empty");
        }
        expect(textOf(updateEntry(document, entry, original).document)).toBe(text);
      }),
      runs,
    );
  });

  test("removing takes out one entry, and leaves all others with their bytes and every comment", () => {
    fc.assert(
      fc.property(flowMap(1), index, ({ text }, at) => {
        const before = parse(text);
        const old = entryAt(before, at);
        const place = entriesOf(before).indexOf(old);
        const document = removeEntry(before, old);
        expect(entriesOf(parse(textOf(document)))).toEqual(entriesOf(before).filter((entry) => entry !== old));
        const texts = before.mapRoles.items.map((item) => item.text);
        expect(document.mapRoles.items.map((item) => item.text)).toEqual(texts.toSpliced(place, 1));
        const removed = texts[place] ?? "";
        const rest = text.replace(removed, () => "");
        const comments = (source: string) => source.match(/# [^\r\n]*/g) ?? [];
        expect(comments(textOf(document))).toEqual(comments(rest));
      }),
      runs,
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("for any text at all, rendering what was parsed gives the text, and nothing is thrown", () => {
  const fragment = fc.constantFrom(
    "- ",
    "rolearn: x",
    "groups:",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    "#",
    "'",
    '"',
    "&a ",
    "*a",
    "|",
    "!",
    "\t",
    "---\n",
    ": ",
    ",",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fragment).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (source) => {
      const document = parseDocument({ mapRoles: source, mapUsers: source, mapAccounts: source });
      for (const key of ["mapRoles", "mapUsers", "mapAccounts"] as const) {
        expect(renderKey(document, key)).toBe(source);
      }
    }),
    { numRuns: cases(400, 2_000) },
  );
});
