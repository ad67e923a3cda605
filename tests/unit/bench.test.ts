import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { mappingNumber } from "../../bench/bench.ts";
import { clusterConfigOf } from "../../bench/eksctl.ts";
import { lineOf, loadResults, resultsFile } from "../../bench/report.ts";
import { judge, summarize } from "../../bench/verdict.ts";

describe("a bound of the benchmark", () => {
  it.each([
    ["is met if the median meets it, even if one run does not", [1.2, 1.3, 1.9], [1, 1, 1], 1.3, "met"],
    ["is neither met nor missed if only one run meets it", [1.2, 1.4, 1.5], [1, 1, 1], 1.3, "noise"],
    ["is missed if no run meets it", [1.31, 1.4, 1.5], [1, 1, 1], 1.3, "missed"],
    ["is not missed by a single run, which has no spread", [1.4], [1], 1.3, "noise"],
    ["compares runs of the same round", [1, 10], [1, 10], 1, "met"],
    ["does not compare runs of different rounds", [1, 10], [10, 1], 1, "noise"],
    ["is optional: without a bound a reading is only reported", [9], [1], undefined, "reported"],
  ] as const)("%s", (_title, ours, base, bound, verdict) => {
    expect(judge({ id: "x", unit: "s", ours, base }, bound)).toBe(verdict);
  });

  it.each([
    [[1], 1, "met"],
    [[0], 0, "met"],
    [[1, 1, 2], 1, "missed"],
    [[2], 1, "missed"],
  ] as const)("allows no noise in counts: %j with the bound %d is %s", (ours, bound, verdict) => {
    expect(judge({ id: "x", unit: "", ours }, bound)).toBe(verdict);
  });
});

it("summarize returns the mean of the middle two as the median of an even count", () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ least: 1, median: 2.5, most: 4 });
});

it("the benchmark uses a ClusterConfig with each mapping that eksctl can apply twice", () => {
  const mappings = [mappingNumber(0), mappingNumber(1)];
  expect(parse(clusterConfigOf("near", "eu-central-1", mappings))).toMatchObject({
    metadata: { name: "near", region: "eu-central-1" },
    iamIdentityMappings: mappings.map((mapping) => ({ ...mapping, noDuplicateARNs: true })),
  });
});

it("each stored reading has a row and a date", async () => {
  const { readings = [] } = (await loadResults(resultsFile(false))) ?? {};
  expect(readings.length).toBeGreaterThan(0);
  for (const reading of readings) {
    expect(reading.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    lineOf(reading);
  }
});
