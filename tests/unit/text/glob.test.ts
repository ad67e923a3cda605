import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesGlob } from "../../../provider/text/glob.ts";
import { seed } from "../../support/seed.ts";

it.each<[pattern: string, text: string, answer: boolean]>([
  ["sts:*Role", "sts:AssumeRole", true],
  ["a.c", "abc", false],
  ["dev-?", "dev-1", false],
  // The equivalent RegExp never ends.
  [`${"*".repeat(100_000)}x`, "a".repeat(1_000), false],
  [`${"*a".repeat(30)}*b`, "a".repeat(10_000), false],
])("compares the pattern %.20j with %.20j: %s", (pattern, text, answer) => {
  expect(matchesGlob(pattern, text)).toBe(answer);
});

/** The definition, which takes exponential time. */
function isMatch([first, ...pattern]: readonly string[], text: string): boolean {
  if (first === "*") {
    return isMatch(pattern, text) || (text !== "" && isMatch([first, ...pattern], text.slice(1)));
  }
  return text === "" ? first === undefined : [text[0], "?"].includes(first) && isMatch(pattern, text.slice(1));
}

const textOf = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });

it("agrees with the definition for random patterns", () => {
  const property = fc.property(textOf("ab*?"), textOf("ab*"), (pattern, text) => {
    expect(matchesGlob(pattern, text, "?")).toBe(isMatch([...pattern], text));
  });
  fc.assert(property, { seed, numRuns: 5_000 });
});
