import { describe, expect, it } from "vitest";
import { releaseBy, releaseRows } from "../../provider/lifecycle/release.ts";
import { casesOf, combinationsOf, describeRelease, expectNoticed, releaseFacts } from "../support/lifecycle/tables.ts";

/** Cases for each row of the `decideRelease` table, in its order. See {@link casesOf}. */
const table: Readonly<Record<string, string>> = {
  "writes nothing to the map of a cluster in mode API":
    "cluster=API entries=dev claims=mine => nothing, notes noEffect",
  "removes the access entry of a cluster in mode API":
    "cluster=API place=entries entries=dev claims=mine => remove, removes dev@1, drops mine",
  "keeps an access entry that EKS created": "place=entries entries=dev foreign => nothing, notes foreign",
  "succeeds without an entry": "=> nothing",
  "removes its claim without an entry": "claims=mine,other => unclaim, drops mine",
  "removes the entry that a killed step left, with any content":
    "places=entries entries=ops claims=mine => remove, removes ops@1, drops mine, notes removed ops@1",
  "removes the entry of the state among several that a killed step left":
    "places=entries entries=dev,ops claims=mine => remove, removes dev@1, drops mine, notes removed dev@1",
  "keeps an entry without a claim in a place that the outputs do not name": "places=entries entries=dev => nothing",
  "keeps a shared entry in a place that the outputs do not name":
    "places=entries entries=ops claims=mine,other => unclaim, drops mine, notes ownedByOthers other",
  "refuses several entries that a killed step left if none has the content of the state":
    "places=entries entries=ops,ops claims=mine => refused changedOutside in map: dev, entries ops@1 and ops@2",
  "refuses to remove an entry that a killed step left with access policies of others":
    "place=entries places=map entries=ops claims=mine policies=View => refused policies in entries: dev, entries ops@1",
  "removes an edited entry of the map if the principal has an access entry":
    "entries=ops claims=mine otherEntries=dev => remove, removes ops@1, drops mine, notes removed ops@1",
  "removes an edited entry of the map if the access entry is dead":
    "entries=ops claims=mine otherEntries=dev otherDead=recreated => remove, removes ops@1, drops mine, notes removed ops@1",
  "removes only its own of several entries of the map if the principal has an access entry":
    "entries=ops,dev,ops claims=mine otherEntries=dev => remove, removes dev@2, drops mine, notes remaining ops@1 and ops@3",
  "removes an edited entry of the map if EKS created the access entry":
    "entries=ops claims=mine otherForeign => remove, removes ops@1, drops mine, notes removed ops@1",
  "keeps other content without a claim in the map if an access entry takes precedence":
    "entries=ops otherEntries=dev => nothing, notes left ops@1",
  "names the owners of other content in the map if an access entry takes precedence":
    "entries=ops claims=other otherEntries=dev => nothing, notes ownedByOthers other",
  "removes the entry of the state without a claim in the map if an access entry takes precedence":
    "entries=dev otherEntries=dev => remove, removes dev@1, notes claimLost",
  "refuses other content of an access entry, with any content of the map":
    "place=entries entries=ops claims=mine otherEntries=dev => refused changedOutside in entries: dev, entries ops@1",
  "refuses while another mapping of the principal has failed in this run":
    "entries=dev claims=mine successorFailed => refused successorFailed in map: dev, entries dev@1",
  "refuses a shared entry too while another mapping of the principal has failed":
    "entries=dev claims=mine,other successorFailed => refused successorFailed in map: dev, entries dev@1",
  "keeps an entry that others claim, and names them":
    "entries=dev claims=mine,other,unreadable => unclaim, drops mine, notes ownedByOthers other and unreadable",
  "keeps an entry that its replacement claims":
    "entries=dev claims=mine,stem => unclaim, drops mine, notes ownedByOthers stem",
  "writes nothing if only others claim the entry": "entries=dev claims=other => nothing, notes ownedByOthers other",
  "writes nothing if only its replacement claims the entry":
    "entries=dev claims=stem => nothing, notes ownedByOthers stem",
  "refuses to remove an access entry without a claim with policies that others associated":
    "place=entries entries=dev policies=View => refused policies in entries: dev, entries dev@1",
  "refuses to remove an access entry with policies that others associated":
    "place=entries entries=dev claims=mine policies=View => refused policies in entries: dev, entries dev@1",
  "leaves an access entry with policies to the other owner of a claim":
    "place=entries entries=dev claims=mine,other policies=View => unclaim, drops mine, notes ownedByOthers other",
  "removes its own entry": "entries=dev claims=mine => remove, removes dev@1, drops mine",
  "removes its entry that a run killed after a rename has claimed":
    "entries=dev claims=copied => remove, removes dev@1, drops copied",
  "keeps an entry that a copy of the state claims too":
    "entries=dev claims=mine,copied => unclaim, drops mine, notes ownedByOthers copied",
  "removes its own entry beside others of the principal, and counts them":
    "entries=dev,dev,ops claims=mine => remove, removes dev@2, drops mine, notes remaining dev@1 and ops@3",
  "removes an entry whose claim is lost, and warns": "entries=dev => remove, removes dev@1, notes claimLost",
  "removes an imported entry that was never claimed": "entries=dev imported => remove, removes dev@1",
  "removes an entry that differs only in ignored content":
    "entries=devRenamed claims=mine ignored=username => remove, removes devRenamed@1, drops mine",
  "prefers the entry that also agrees in ignored content":
    "entries=dev,devRenamed claims=mine ignored=username => remove, removes dev@1, drops mine, notes remaining devRenamed@2",
  "refuses other content": "entries=ops,ops claims=mine => refused changedOutside in map: dev, entries ops@1 and ops@2",
  "refuses other content without a claim":
    "place=entries entries=ops otherUnknown => refused changedOutside in entries: dev, entries ops@1",
};
const cases = casesOf(table);

describe("decideRelease", () => {
  it.each(cases)("$title", ({ facts, outcome }) => {
    expect(describeRelease(releaseBy(releaseFacts(facts)))).toBe(outcome);
  });
});

const yesOrNo = [false, true];
const combinations = combinationsOf(releaseFacts("").cells, {
  ignoredByCluster: yesOrNo,
  entries: ["none", "one", "several"],
  foreign: yesOrNo,
  inOutputs: yesOrNo,
  overridden: yesOrNo,
  claims: ["none", "mine", "mineAndOthers", "others"],
  equal: yesOrNo,
  policies: yesOrNo,
  failedSuccessor: yesOrNo,
}).filter(
  ({ entries, equal, policies }) => (!equal || entries !== "none") && (!policies || equal || entries === "one"),
);

describe("the cases of decideRelease", () => {
  const isDetected = (rows: typeof releaseRows) =>
    cases.some(({ facts, outcome }) => outcome !== describeRelease(releaseBy(releaseFacts(facts), rows)));

  it.each(releaseRows)("detect a change to the row: $row", (row) => {
    expectNoticed(releaseRows, row, combinations, isDetected);
  });
});
