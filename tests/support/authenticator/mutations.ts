import fc from "fast-check";
import { historicData } from "../cli/historicMap.ts";
import { soundMap } from "./edits.ts";
import { anyMap, type MapData } from "./maps.ts";
import { toolMaps } from "./toolMaps.ts";

const pieces = [
  ..." \n\t\r-:#[]{},\"'\\|>&*!?%@`~=<.+_01yné\ufeff\u2028\u0085",
  ..."  |    |\n\n|\n  |\r\n|- |: | #|# x\n|---|...\n|---\n|<<: *a|&a |*a|!!str |? |\\n|\\u0041|\\x41|''|null|~|.inf|1e3|0x1F|true|>-\n    |[a, b]|{a: b}|\n#x\n|,\n".split(
    "|",
  ),
  "|",
  "|-\n      ",
];

/** A change of a text: characters that are removed, and a piece in their place; or a line that is moved, repeated or indented. */
const change = fc.record({
  at: fc.noBias(fc.integer({ min: 0, max: 9_999 })),
  kind: fc.constantFrom("replace", "insert", "insert", "remove", "repeat", "shift", "join"),
  piece: fc.constantFrom(...pieces),
  length: fc.integer({ min: 1, max: 4 }),
});

function changed(
  text: string,
  { at, kind, piece, length }: typeof change extends fc.Arbitrary<infer T> ? T : never,
): string {
  const offset = Math.floor((at / 10_000) * (text.length + 1));
  const line = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset) + 1 || text.length;
  switch (kind) {
    case "replace":
      return text.slice(0, offset) + piece + text.slice(offset + length);
    case "insert":
      return text.slice(0, offset) + piece + text.slice(offset);
    case "remove":
      return text.slice(0, offset) + text.slice(offset + length);
    case "repeat":
      return text.slice(0, end) + text.slice(line);
    case "shift":
      return length > 2
        ? `${text.slice(0, line)}${" ".repeat(length - 2)}${text.slice(line)}`
        : text.slice(0, line) + text.slice(line).replace(/^ {1,2}/, "");
    default:
      return text.slice(0, line) + text.slice(end);
  }
}

const sound: fc.Arbitrary<MapData> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.values(toolMaps), historicData) },
  { weight: 1, arbitrary: soundMap },
);

/** Sound maps with a few small changes, and any others. */
export const changedMap: fc.Arbitrary<MapData> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(sound, fc.nat(), fc.array(change, { minLength: 1, maxLength: 2 }))
      .map(([data, which, changes]) => {
        const keys = Object.keys(data).filter((key) => key.startsWith("map"));
        const key = keys[which % keys.length] ?? "mapRoles";
        return { ...data, [key]: changes.reduce(changed, data[key] ?? "") };
      }),
  },
  { weight: 1, arbitrary: anyMap },
);
