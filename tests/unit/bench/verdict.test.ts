import { describe, expect, it } from "vitest";
import { summarize } from "../../../bench/statistics.ts";
import { figuresOf, judge } from "../../../bench/verdict.ts";

const comparison = { subject: "ours", against: "base", most: 1.1 };
const reading = (ours: number[], base?: number[]) => ({ id: "x", unit: "s" as const, ours, ...(base && { base }) });

describe("a bound of the benchmark", () => {
  it.each([
    ["is met where the median keeps it, whatever one run does", [1.0, 1.05, 1.9], "met"],
    ["is neither met nor missed where the median does not keep it and one run does", [1.0, 1.2, 1.3], "noise"],
    ["is missed where not one run keeps it", [1.11, 1.2, 1.3], "missed"],
  ] as const)("%s", (_title, ours, verdict) => {
    expect(judge(reading([...ours], [1, 1, 1]), comparison)).toBe(verdict);
  });

  it("compares runs that were made side by side, so that a slow machine slows both", () => {
    expect(judge(reading([1, 10], [1, 10]), comparison)).toBe("met");
    expect(judge(reading([1, 10], [10, 1]), { ...comparison, most: 1 })).toBe("noise");
  });

  it("allows an amount over the base where that is more than the ratio", () => {
    const bound = { ...comparison, slack: 0.35 };
    expect(judge(reading([1.34, 1.34], [1, 1]), bound)).toBe("met");
    expect(judge(reading([1.36, 1.36], [1, 1]), bound)).toBe("missed");
    expect(judge(reading([10.9, 10.9], [10, 10]), bound)).toBe("met");
  });

  it("takes what is less than the clock tells for that much, in ratios as well", () => {
    const bound = { ...comparison, most: 7, resolution: 0.01 };
    expect(judge(reading([0.07, 0.07], [0, 0.001]), bound)).toBe("met");
    expect(judge(reading([0.08, 0.08], [0, 0.001]), bound)).toBe("missed");
    expect(figuresOf(reading([0, 0.02], [0, 0.001]), bound)).toEqual([1, 2]);
  });

  it("is not missed by one run alone, which has no spread to go beyond", () => {
    expect(judge(reading([2], [1]), comparison)).toBe("noise");
  });

  it("knows no noise in what is counted", () => {
    const bound = { subject: "reads", most: 1, isExact: true } as const;
    expect(judge(reading([1, 1]), bound)).toBe("met");
    expect(judge(reading([1, 1, 2]), bound)).toBe("missed");
    expect(judge(reading([0]), { ...bound, most: 0 })).toBe("met");
  });

  it("can be a least, and is only reported where there is none", () => {
    expect(judge(reading([19]), { subject: "writes a second", least: 18 })).toBe("met");
    expect(judge(reading([17, 17]), { subject: "writes a second", least: 18 })).toBe("missed");
    expect(judge(reading([17]), { subject: "writes a second" })).toBe("reported");
  });
});

it("the median of an even count is the mean of the middle two", () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ least: 1, median: 2.5, most: 4, count: 4 });
});
