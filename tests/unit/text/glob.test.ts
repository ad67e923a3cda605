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

const textOf = (characters: string) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });

it("agrees with the equivalent RegExp for random patterns", () => {
  const property = fc.property(textOf("ab*?"), textOf("ab*"), (pattern, text) => {
    const equivalent = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
    expect(matchesGlob(pattern, text, "?")).toBe(equivalent.test(text));
  });
  fc.assert(property, { seed, numRuns: 5_000 });
});
