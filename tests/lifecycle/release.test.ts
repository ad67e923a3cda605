import { describe, expect, it } from "vitest";
import { releaseBy, releaseRows } from "../../provider/lifecycle/release.ts";
import { combinationsOf, expectNoticed } from "./breakRows.ts";
import { releaseCases } from "./releaseCases.ts";
import { describeRelease, releaseFacts } from "./tables.ts";

describe("decideRelease", () => {
  it.each(releaseCases)("$title", (given) => {
    expect(describeRelease(releaseBy(releaseFacts(given)))).toBe(given.outcome);
  });
});

const yesOrNo = [false, true];
const combinations = combinationsOf(releaseFacts({ title: "", outcome: "" }).cells, {
  ignoredByCluster: yesOrNo,
  entries: ["none", "some"],
  foreign: yesOrNo,
  named: yesOrNo,
  hidden: yesOrNo,
  claims: ["none", "mine", "mineAndOthers", "others"],
  equal: yesOrNo,
  failedSuccessor: yesOrNo,
}).filter(({ entries, equal }) => !equal || entries === "some");

describe("breaking a row of decideRelease", () => {
  const isNoticed = (rows: typeof releaseRows) =>
    releaseCases.some((given) => outcomeOf(given, rows) !== given.outcome);

  it.each(releaseRows)("is noticed for: $row", (row) => {
    expectNoticed(releaseRows, row, combinations, isNoticed);
  });
});

function outcomeOf(given: (typeof releaseCases)[number], rows: typeof releaseRows): string {
  try {
    return describeRelease(releaseBy(releaseFacts(given), rows));
  } catch (error) {
    return String(error);
  }
}
