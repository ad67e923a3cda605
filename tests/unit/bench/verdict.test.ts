import { describe, expect, it } from "vitest";
import { judge, summarize } from "../../../bench/verdict.ts";

const timed = (ours: readonly number[], base: readonly number[]) => ({ id: "x", unit: "s", ours, base }) as const;

describe("a bound of the benchmark", () => {
  it.each([
    ["is met where the median keeps it, whatever one run does", [1.2, 1.3, 1.9], "met"],
    ["is neither met nor missed where the median does not keep it and one run does", [1.2, 1.4, 1.5], "noise"],
    ["is missed where not one run keeps it", [1.31, 1.4, 1.5], "missed"],
    ["is not missed by one run alone, which has no spread to go beyond", [1.4], "noise"],
  ] as const)("%s", (_title, ours, verdict) => {
    expect(judge(timed(ours, [1, 1, 1]), 1.3)).toBe(verdict);
  });

  it("compares runs that were made side by side, so that a slow machine slows both", () => {
    expect(judge(timed([1, 10], [1, 10]), 1)).toBe("met");
    expect(judge(timed([1, 10], [10, 1]), 1)).toBe("noise");
  });

  it("knows no noise in what is counted", () => {
    const counted = (...ours: number[]) => ({ id: "x", unit: "", ours }) as const;
    expect(judge(counted(1), 1)).toBe("met");
    expect(judge(counted(1, 1, 2), 1)).toBe("missed");
    expect(judge(counted(2), 1)).toBe("missed");
    expect(judge(counted(0), 0)).toBe("met");
  });

  it("may be missing: then a reading is only reported", () => {
    expect(judge(timed([9], [1]), undefined)).toBe("reported");
  });
});

it("the median of an even count is the mean of the middle two", () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ least: 1, median: 2.5, most: 4 });
});
