import { describe, expect, it } from "vitest";
import { acrossRows, decideRows, decisionBy } from "../../provider/lifecycle/decide.ts";
import { firstRow } from "../../provider/lifecycle/facts.ts";
import { combinationsOf, expectNoticed } from "./breakRows.ts";
import { decideCases } from "./decideCases.ts";
import { decideFacts, describeDecision } from "./tables.ts";

describe("decide", () => {
  it.each(decideCases)("$title", (given) => {
    expect(describeDecision(decisionBy(decideFacts(given)))).toBe(given.outcome);
  });
});

const yesOrNo = [false, true];
const combinations = combinationsOf(decideFacts({ title: "", outcome: "" }).cells, {
  foreign: yesOrNo,
  entries: ["none", "one", "several"],
  claims: ["none", "mine", "mineAndOthers", "stem", "others"],
  previous: ["none", "wanted", "other"],
  equal: yesOrNo,
  place: ["map", "entries"],
  adopt: yesOrNo,
  nodes: yesOrNo,
  otherPlace: yesOrNo,
}).filter(({ entries, claims, equal, place }) =>
  equal
    ? entries === "one" || (entries === "several" && place === "map")
    : claims !== "stem" || (entries === "one" && place === "entries"),
);

it("decides each combination of the columns", () => {
  expect(combinations.filter((cells) => firstRow(decideRows, cells) === undefined)).toEqual([]);
});

describe("breaking a row of decide", () => {
  const isNoticed = (rows: typeof decideRows, across: typeof acrossRows) =>
    decideCases.some((given) => outcomeOf(given, rows, across) !== given.outcome);

  it.each(decideRows)("is noticed for: $row", (row) => {
    expectNoticed(decideRows, row, combinations, (rows) => isNoticed(rows, acrossRows));
  });

  it.each(acrossRows)("is noticed for: $row", (row) => {
    expectNoticed(acrossRows, row, combinations, (across) => isNoticed(decideRows, across));
  });
});

function outcomeOf(given: (typeof decideCases)[number], rows: typeof decideRows, across: typeof acrossRows): string {
  try {
    return describeDecision(decisionBy(decideFacts(given), rows, across));
  } catch (error) {
    return String(error);
  }
}
