import { describe, expect, it } from "vitest";
import { bounds } from "../../../bench/bounds.ts";
import { shortTable } from "../../../bench/report/markdown.ts";
import { clusterConfigOf } from "../../../bench/support/clusterConfig.ts";
import { mappingNumber } from "../../../bench/support/mappings.ts";
import { parse } from "../sdk/clusterConfig/support.ts";

describe("the ClusterConfig that is measured", () => {
  it("maps each of the mappings, and lets eksctl run twice", () => {
    const mappings = [mappingNumber(0), mappingNumber(1)];
    const { items, warnings, cluster } = parse(clusterConfigOf("near", "eu-central-1", mappings));
    expect(items).toEqual(mappings.map((mapping) => ({ kind: "identity", ...mapping, noDuplicateARNs: true })));
    expect(cluster).toEqual({ name: "near", region: "eu-central-1" });
    expect(warnings).toEqual([]);
  });
});

describe("the rows beside eksctl", () => {
  it("come first, near before far, and name the version", () => {
    const [first] = Object.entries(bounds);
    expect(first).toEqual([
      "eksctl/near/up",
      { subject: "up, 200 mappings, API server near", against: "eksctl 0.215.0", most: 0.7 },
    ]);
    expect(bounds["eksctl/far/up"]?.most).toBe(0.4);
  });

  it("make the README's table, an operation a line, with nothing where nothing was measured", () => {
    const readings = [
      { id: "eksctl/near/up", unit: "s", ours: [6, 7, 8], base: [12, 14, 16] },
      { id: "eksctl/far/up", unit: "s", ours: [9, 10, 11], base: [45, 40, 55] },
      { id: "eksctl/near/get", unit: "s", ours: [0.5], base: [0.25] },
      { id: "up/10/floor", unit: "s", ours: [2], base: [1] },
    ] as const;
    const lines = shortTable({ machine: "a machine", date: "2026-11-25T12:00:00Z", readings }).split("\n");
    expect(lines).toContain("| up | 7 s | 14 s | 0.5 | 10 s | 45 s | 0.2 (0.2 to 0.25) |");
    expect(lines).toContain("| get | 0.5 s | 0.25 s | 2 |  |  |  |");
    expect(lines.filter((line) => line.startsWith("|"))).toHaveLength(2 + 6);
    expect(lines.at(-1)).toContain("a machine");
  });
});
