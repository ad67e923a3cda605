import { describe, expect, it } from "vitest";
import { type ModeCells, modeChangeOf, modeRows } from "../../provider/lifecycle/mode.ts";
import { placesAfter, planDelete, planOf } from "../../provider/lifecycle/plan.ts";
import { casesOf, combinationsOf, describePlan, expectNoticed, planFacts } from "../support/lifecycle/tables.ts";

const [both, inBoth] = ["map=dev mapClaims=mine entries=dev entriesClaims=mine", "state=map,entries"];
const [inMap, inEntries] = ["map=dev mapClaims=mine state=map", "entries=dev entriesClaims=mine state=entries"];
const [toBoth, toEntries] = ["places=map,entries", "places=entries"];

/** Plans of a create or an update. See {@link planFacts}. */
const table: Readonly<Record<string, string>> = {
  // Without a move.
  "creates a mapping in the map": "=> map: add dev",
  "creates a mapping in both places": `${toBoth} => map: add dev; entries: add dev`,
  "updates a mapping in both places": `${both} ${inBoth} ${toBoth} want=ops => map: write ops, at 1; entries: write ops, at 1`,
  "writes nothing if one place is refused": `map=ops ${toBoth} => refused mapped, entries ops@1, adopt helps`,
  "writes nothing if the second place is refused": `entries=ops ${toBoth} => refused mapped, entries ops@1, adopt helps`,
  "keeps ignored content without a move": `${inMap} ignored=groups => map: same dev, at 1`,
  "keeps an entry that this run wrote": `${inMap} written=map => map: same dev, at 1`,
  // Modes of the cluster.
  "refuses access entries on a cluster in mode CONFIG_MAP": `${toEntries} cluster=CONFIG_MAP => refused clusterMode beside entries`,
  "refuses both places on a cluster in mode API": `${toBoth} cluster=API => refused clusterMode beside map`,
  "refuses the map on a cluster in mode API": "cluster=API => refused clusterMode beside map",
  "accepts each mode on a cluster with both": `${toEntries} cluster=API_AND_CONFIG_MAP => entries: add dev`,
  "accepts the mode of the cluster": "cluster=CONFIG_MAP => map: add dev",
  "keeps its entry of a map that the cluster ignores": `${inMap} ${toEntries} cluster=API => entries: add dev`,
  "keeps its entry of the map of both places, on a cluster in mode API": `${both} ${inBoth} ${toEntries} cluster=API => entries: same dev, at 1`,
  "refuses two steps forward": `${inMap} ${toEntries} => refused twoSteps beside entries`,
  "refuses two steps back": `${inEntries} => refused twoSteps beside map`,
  // A step in.
  "adds an access entry beside the entry of the map": `${inMap} ${toBoth} => map: same dev, at 1; entries: add dev`,
  "adds an entry of the map beside the access entry": `${inEntries} ${toBoth} => map: add dev; entries: same dev, at 1`,
  "adds an access entry beside several entries of the map": `map=dev,dev mapClaims=mine state=map ${toBoth} => map: same dev, at 2, warns that dev@2 of 2 counts; entries: add dev`,
  "refuses other content in a step in": `${inMap} ${toBoth} want=ops => refused contentChanges beside map`,
  "refuses ignored content in a step in": `${inMap} ${toBoth} ignored=groups => refused contentIgnored beside map`,
  "refuses a step in before the place that stays is written": `map=ops mapClaims=mine state=map ${toBoth} => refused staysFirst beside map`,
  // A step out.
  "leaves the map before it writes the access entry": `${both} ${inBoth} ${toEntries} => release map: remove, removes dev@1, drops mine; entries: same dev, at 1`,
  "leaves the access entry": `${both} ${inBoth} => release entries: remove, removes dev@1, drops mine; map: same dev, at 1`,
  "leaves the access entry beside a shared entry of the map": `map=dev mapClaims=other,mine entries=dev entriesClaims=mine ${inBoth} => release entries: remove, removes dev@1, drops mine; map: same dev, at 1, shares with other`,
  "refuses other content in a step out": `${both} ${inBoth} want=ops => map: write ops, at 1; refused contentChanges beside map`,
  "refuses ignored content in a step out": `${both} ${inBoth} ignored=username => map: same dev, at 1; refused contentIgnored beside map`,
  "refuses to leave the map without an access entry": `map=dev mapClaims=mine ${inBoth} ${toEntries} => entries: add dev, drift gone; refused staysUnproven beside entries`,
  "refuses to leave the map for an access entry without a claim": `map=dev mapClaims=mine entries=dev ${inBoth} ${toEntries} => entries: claim dev, at 1, drift claimRemoved; refused staysUnproven beside entries`,
  "refuses to leave the map for an access entry with only a claim by stem": `map=dev mapClaims=mine entries=dev entriesClaims=stem ${inBoth} ${toEntries} => entries: claim dev, at 1, drops stem, resumed; refused staysUnproven beside entries`,
  "refuses to leave the map for other content": `map=dev mapClaims=mine entries=ops entriesClaims=mine ${inBoth} ${toEntries} => entries: write dev, at 1, drift ops to dev; refused staysUnproven beside entries`,
  "refuses to leave the access entry for several entries": `map=dev,dev mapClaims=mine entries=dev entriesClaims=mine ${inBoth} => map: same dev, at 2, warns that dev@2 of 2 counts; refused staysDuplicate beside map`,
  "creates a dead access entry again without a step": `${inEntries} ${toEntries} dead=recreated => entries: write dev, restores entry, at 1, drift dead`,
  "keeps the access entry of a role that IAM does not have": `${inEntries} ${toEntries} dead=absent => entries: same dev, at 1, noRole`,
  "refuses to leave the map for a dead access entry, and creates it again": `${both} ${inBoth} ${toEntries} dead=recreated => entries: write dev, restores entry, at 1, drift dead; refused staysDead beside entries`,
  "refuses to leave the map for the access entry of a role that IAM does not have": `${both} ${inBoth} ${toEntries} dead=absent => entries: same dev, at 1, noRole; refused staysNoRole beside entries`,
  "adds an access entry, and moves the entry of the map behind another one": `map=dev,ops mapClaims=mine state=map ${toBoth} => map: write dev, restores order, at 1, drift overridden; entries: add dev`,
  "adopts an access entry, and merges several entries of the map": `map=dev,ops mapClaims=mine entries=ops state=map ${toBoth} adopt => map: write dev, at 2, removes dev@1, drift ops to dev, adopts, dev@1, ops@2; entries: write dev, at 1, adopts, ops@1`,
  "refuses a step in before several entries that are not its own are merged": `map=dev,ops state=map ${toBoth} adopt => refused staysFirst beside map`,
  "refuses to leave a place that is not proven because it was just written": `${both} ${inBoth} ${toEntries} written=entries => entries: same dev, at 1; refused justWritten beside entries`,
  "refuses a step if the release is refused": `map=dev mapClaims=mine entries=ops entriesClaims=mine ${inBoth} => refused changedOutside in entries: dev, entries ops@1`,
  // An update whose outputs name fewer places than the mode, or more, since the last run failed half-way.
  "writes the missing place with other content": `${inMap} ${toBoth} want=ops update => map: write ops, at 1; entries: add ops`,
  "writes the missing place with ignored content": `${inMap} ${toBoth} ignored=groups update => map: same dev, at 1; entries: add dev`,
  "writes the missing place beside a pending write": `map=ops mapClaims=mine state=map ${toBoth} update => map: write dev, at 1, drift ops to dev; entries: add dev`,
  "leaves the map with other content": `${both} ${inBoth} ${toEntries} want=ops update => release map: remove, removes dev@1, drops mine; entries: write ops, at 1`,
  "leaves the map for an access entry that the outputs do not name": `${both} state=map ${toEntries} update => release map: remove, removes dev@1, drops mine; entries: same dev, at 1`,
  "leaves the map only for a proven access entry": `${inMap} ${toEntries} update => entries: add dev; refused staysUnproven beside entries`,
  // What an interrupted run left.
  "removes what an interrupted run left, last": `${inMap} entries=ops entriesClaims=mine want=ops => map: write ops, at 1; release entries: remove, removes ops@1, drops mine, notes removed ops@1`,
  "keeps an entry of an earlier run outside its places": `${inMap} entries=dev entriesClaims=stem => map: same dev, at 1`,
  "refuses a create next to what an interrupted create left":
    "entries=dev entriesClaims=stem => refused leftBehind beside map",
  "creates beside the claim of others in an access entry with its content":
    "entries=dev entriesClaims=other => map: add dev",
  "creates without the access entries, if they are unknown": "unknown => map: add dev",
};
const cases = casesOf(table);

/** The plan of a check, which restricts the change of the mode; with `update` that of an update. */
function planned(facts: string, rows = modeRows): string {
  const [want, before, me, views, situation] = planFacts(facts.replace("update", ""));
  const change = modeChangeOf(before?.places ?? [], want.places, situation.clusterMode);
  if (facts.includes("update")) {
    return describePlan(planOf(want, before, me, views, situation, undefined, rows));
  }
  return describePlan(
    change.kind === "refused"
      ? { steps: [], refusal: change }
      : planOf(want, before, me, views, situation, change, rows),
  );
}

describe("planOf", () => {
  it.each(cases)("$title", ({ facts, outcome }) => {
    expect(planned(facts)).toBe(outcome);
  });
});

const yesOrNo = [false, true];
const cells = {
  change: "none",
  contentChanges: false,
  contentIgnored: false,
  pending: false,
  leaves: false,
  stays: "proven",
  justWritten: false,
  leftBehind: false,
} as const;
const combinations = combinationsOf<ModeCells>(cells, {
  change: ["none", "create", "in", "out"],
  contentChanges: yesOrNo,
  contentIgnored: yesOrNo,
  pending: yesOrNo,
  leaves: yesOrNo,
  stays: ["proven", "unproven", "several", "recreated", "absent"],
  justWritten: yesOrNo,
  leftBehind: yesOrNo,
});

describe("the cases of planOf", () => {
  it.each(modeRows)("detect a change to the row: $row", (row) => {
    expectNoticed(modeRows, row, combinations, (rows) =>
      cases.some(({ facts, outcome }) => outcome !== planned(facts, rows)),
    );
  });
});

/** Plans of a delete of what the state has. */
const deletes: Readonly<Record<string, string>> = {
  "removes the entry in each place of the state": `${both} ${inBoth} => release map: remove, removes dev@1, drops mine; release entries: remove, removes dev@1, drops mine`,
  "also removes what an interrupted run left": `${inMap} entries=dev entriesClaims=mine => release map: remove, removes dev@1, drops mine; release entries: remove, removes dev@1, drops mine, notes removed dev@1`,
  "keeps a place that is not its own": `${inMap} entries=dev entriesClaims=other => release map: remove, removes dev@1, drops mine`,
  "writes nothing if one place is refused": `map=dev mapClaims=mine entries=dev entriesClaims=mine policies=View ${inBoth} => refused policies in entries: dev, entries dev@1`,
};

it.each(casesOf(deletes))("planDelete $title", ({ facts, outcome }) => {
  const [, state, { id }, seen, known] = planFacts(facts);
  expect(state && describePlan(planDelete(state, id, seen, known))).toBe(outcome);
});

describe("placesAfter", () => {
  it.each([
    ["the first of two places of a create", toBoth, 1, ["map"]],
    ["both places of a create", toBoth, 2, ["map", "entries"]],
    [
      "a place of an update whose other place still has the old content",
      `${both} ${inBoth} ${toBoth} want=ops`,
      1,
      ["map"],
    ],
    ["a place of an update without changed content", `${both} ${inBoth} ${toBoth}`, 1, ["map", "entries"]],
    ["the released place of a step that leaves it", `${both} ${inBoth} ${toEntries}`, 1, ["entries"]],
    ["both places of a step that leaves one", `${both} ${inBoth} ${toEntries}`, 2, ["entries"]],
    ["the remaining place of a step that adds one", `${inMap} ${toBoth}`, 1, ["map"]],
  ])("returns the places that have the entry after %s", (_title, facts, count, places) => {
    const [wanted, state, ...rest] = planFacts(facts);
    const { steps } = planOf(wanted, state, ...rest);
    expect(placesAfter(steps.slice(0, count), wanted, state)).toEqual(places);
  });
});
