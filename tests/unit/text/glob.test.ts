import fc from "fast-check";
import { expect, it } from "vitest";
import { matchesGlob } from "../../../provider/text/glob.ts";
import { seed } from "../../support/seed.ts";

const stars = "*".repeat(100_000);

it.each<[pattern: string, text: string, answer: boolean]>([
  ["", "", true],
  ["", "a", false],
  ["**", "", true],
  ["sts:*", "sts:", true],
  ["sts:*Role", "sts:AssumeRole", true],
  ["*a*b", "xaxab", true],
  ["a.c", "abc", false],
  ["dev-?", "dev-1", false],
  // A RegExp of these patterns never ends.
  [`${stars}x`, "a".repeat(1_000), false],
  [`${"*a".repeat(30)}*b`, "a".repeat(10_000), false],
])("compares the pattern %.20j with %.20j: %s", (pattern, text, answer) => {
  expect(matchesGlob(pattern, text)).toBe(answer);
});

/** The definition, which takes exponential time. */
function isMatch(pattern: string, text: string): boolean {
  const [expected, rest] = [pattern[0], pattern.slice(1)];
  if (expected === "*") {
    return isMatch(rest, text) || (text !== "" && isMatch(pattern, text.slice(1)));
  }
  return text === "" ? pattern === "" : (expected === "?" || expected === text[0]) && isMatch(rest, text.slice(1));
}

it("agrees with the definition for random patterns", () => {
  const [pattern, text] = ["ab*?", "ab*"].map((letters) =>
    fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 }),
  );
  if (pattern && text) {
    const property = fc.property(pattern, text, (one, other) => {
      expect(matchesGlob(one, other, "?")).toBe(isMatch(one, other));
    });
    fc.assert(property, { seed, numRuns: 5_000 });
  }
});
