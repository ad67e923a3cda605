import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { mappingNumber } from "../../bench/bench.ts";
import { clusterConfigOf } from "../../bench/eksctl.ts";
import { eksctlTable, lineOf, loadResults, readingsTable, resultsFile } from "../../bench/report.ts";
import { judge, summarize } from "../../bench/verdict.ts";

const near = { id: "eksctl/near/up", unit: "s", ours: [6, 7, 8], base: [12, 14, 16] } as const;
const far = { id: "eksctl/far/up", unit: "s", ours: [9, 10, 11], base: [45, 40, 55] } as const;
const missed = { id: "life/up", unit: "s", ours: [1.4, 2.8], base: [1, 2] } as const;
const memory = { id: "life/memory", unit: "MiB", ours: [210], base: [200] } as const;

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

describe("the table of readings", () => {
  it("lists readings in the order of the bounds, each with its ratio, bound and verdict", () => {
    expect(readingsTable([memory, missed]).split("\n")).toEqual([
      "| measured | ours | compared with | ratio, or figure (min to max) | runs | bound |  |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      "| up of 1,000 | 2.1 s | 1.5 s, a provider that does nothing | 1.4 | 2 | ≤ 1.3 | missed |",
      "| peak memory of the provider process, up of 1,000 | 210 MiB | 200 MiB, a provider that does nothing | 1.05 | 1 | ≤ 1.5 | met |",
    ]);
  });

  it("has one printed line for each reading", () => {
    expect(lineOf(missed)).toEqual({
      verdict: "missed",
      line: "MISSED       up of 1,000: 2.1 s against 1.5 s, a provider that does nothing, ratio 1.4, runs: 2; bound ≤ 1.3",
    });
    expect(() => lineOf({ ...memory, id: "other" })).toThrow('the table of bounds has no "other"');
  });

  it("compares with eksctl in one row for each operation, with empty cells for missing readings", () => {
    expect(eksctlTable([near, far, memory]).split("\n")).toEqual([
      "| 200 mappings | ours, API server near | eksctl 0.215.0 | ratio | ours, 100 ms away | eksctl 0.215.0 | ratio |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      "| up | 7 s | 14 s | 0.5 | 10 s | 45 s | 0.2 (0.2 to 0.25) |",
      "| second run, nothing changed |  |  |  |  |  |  |",
      "| one mapping changed |  |  |  |  |  |  |",
    ]);
  });

  it("uses a ClusterConfig with each mapping that eksctl can apply twice", () => {
    const mappings = [mappingNumber(0), mappingNumber(1)];
    expect(parse(clusterConfigOf("near", "eu-central-1", mappings))).toMatchObject({
      metadata: { name: "near", region: "eu-central-1" },
      iamIdentityMappings: mappings.map((mapping) => ({ ...mapping, noDuplicateARNs: true })),
    });
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
