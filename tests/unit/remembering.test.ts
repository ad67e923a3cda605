import { expect, it, vi } from "vitest";
import { remembering } from "../../provider/remembering.ts";

it("computes a result once, and again when too many others came since", () => {
  const compute = vi.fn((text: string) => text.toUpperCase());
  const upper = remembering(2, compute);
  expect(["a", "a", "b", "a"].map(upper)).toEqual(["A", "A", "B", "A"]);
  expect(compute).toHaveBeenCalledTimes(2);
  expect(["c", "a"].map(upper)).toEqual(["C", "A"]);
  expect(compute).toHaveBeenCalledTimes(4);
});
