import { expect, it, vi } from "vitest";
import { remembering, rememberingLast } from "../../provider/remembering.ts";

it("computes a result once, and again when too many others came since", () => {
  const compute = vi.fn((text: string) => text.toUpperCase());
  const upper = remembering(2, compute);
  expect(["a", "a", "b", "a"].map(upper)).toEqual(["A", "A", "B", "A"]);
  expect(compute).toHaveBeenCalledTimes(2);
  expect(["c", "a"].map(upper)).toEqual(["C", "A"]);
  expect(compute).toHaveBeenCalledTimes(4);
});

it("keeps the results of the last objects only", () => {
  const compute = vi.fn(({ text }: { text: string }) => text.toUpperCase());
  const upper = rememberingLast(2, compute);
  const [a, b, c] = ["a", "b", "c"].map((text) => ({ text }));
  expect([a, b, a, b].map((version) => version && upper(version))).toEqual(["A", "B", "A", "B"]);
  expect(compute).toHaveBeenCalledTimes(2);
  expect([c, a].map((version) => version && upper(version))).toEqual(["C", "A"]);
  expect(compute).toHaveBeenCalledTimes(4);
  expect(upper({ text: "a" })).toBe("A");
  expect(compute).toHaveBeenCalledTimes(5);
});
