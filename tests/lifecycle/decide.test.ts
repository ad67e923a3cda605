import { describe, expect, it } from "vitest";
import { acrossRows, decideRows, decisionBy } from "../../provider/lifecycle/decide.ts";
import { firstRow } from "../../provider/lifecycle/facts.ts";
import { casesOf, combinationsOf, decideFacts, describeDecision, expectNoticed } from "../support/lifecycle/tables.ts";

/** Cases for each row of the `decide` table, in its order. See {@link casesOf}. */
const table: Readonly<Record<string, string>> = {
  // No entry.
  "adds a missing entry": "=> add dev",
  "adds an entry if only its own claim is left": "claims=mine => add dev",
  "adds an entry if only claims of others are left, and names their owners":
    "claims=other => add dev, drops other, names other",
  "adds an entry beside its own and others' claims, and drops those of others":
    "claims=mine,other => add dev, drops other, names other",
  "recognizes its claim by the stem, without an entry": "claims=stem => add dev, drops stem",
  "never drops a line that cannot be parsed": "claims=unreadable => add dev, shares with unreadable",
  "restores a removed entry": "claims=mine previous=dev => add dev, drift gone",
  "restores a removed entry, and drops the claims of others":
    "claims=other previous=ops => add dev, drops other, names other, drift gone",
  "restores a removed entry, and drops the claim of a killed replacement":
    "claims=stem,other previous=dev => add dev, drops stem and other, names other, drift gone",
  // A dead access entry.
  "creates its own dead entry again":
    "place=entries entries=dev claims=mine previous=dev dead=recreated => write dev, restores entry, at 1, drift dead",
  "creates its own dead entry again with changed content":
    "place=entries entries=ops claims=mine previous=ops dead=recreated => write dev, restores entry, at 1, drift dead",
  "creates the dead entry of a killed create again":
    "place=entries entries=dev claims=stem dead=recreated => write dev, restores entry, at 1, drops stem, resumed",
  "creates its own dead entry again after a rename":
    "place=entries entries=dev claims=renamed previous=dev dead=recreated => write dev, restores entry, at 1, drops renamed, drift dead, renamed",
  "creates its own dead entry again, and drops the claims of others":
    "place=entries entries=ops claims=mine,other previous=dev dead=recreated => write dev, restores entry, at 1, drops other, names other, drift dead",
  "creates a dead entry of the state without a claim again":
    "place=entries entries=dev previous=dev dead=recreated => write dev, restores entry, at 1, drift dead",
  "creates a dead entry again with the ignored content of the state":
    "place=entries entries=ops claims=mine previous=dev ignored=username dead=recreated => write dev, restores entry, at 1, drift dead",
  "refuses a dead entry that another owner took over":
    "place=entries entries=dev claims=other previous=dev dead=recreated => refused takenOver, entries dev@1, claims other",
  "refuses a dead entry that another owner took over, after a change and with adopt too":
    "place=entries entries=dev claims=other previous=ops adopt dead=recreated => refused takenOver, entries dev@1, claims other",
  "refuses a dead entry of another owner":
    "place=entries entries=dev claims=other dead=recreated => refused mapped, entries dev@1, claims other, adopt helps",
  "refuses a dead entry without a claim":
    "place=entries entries=dev dead=recreated => refused mapped, entries dev@1, adopt helps",
  "refuses a dead entry without a claim that has other content than the state":
    "place=entries entries=ops previous=dev dead=recreated => refused mapped, entries ops@1, adopt helps",
  "adopts a dead entry":
    "place=entries entries=ops claims=other dead=recreated adopt => write dev, restores entry, at 1, drops other, names other, adopts, ops@1",
  "adopts a dead entry without a claim":
    "place=entries entries=ops previous=dev dead=recreated adopt => write dev, restores entry, at 1, drift dead, adopts, ops@1",
  "refuses to delete access policies of others with its own dead entry":
    "place=entries entries=dev claims=mine previous=dev policies=View dead=recreated => refused policies, entries dev@1, adopt helps",
  "creates its own dead entry again without the access policies of others, with adopt":
    "place=entries entries=dev claims=mine previous=dev policies=View dead=recreated adopt => write dev, restores entry, at 1, drift dead, policies",
  "keeps its own entry of a role that IAM does not have, and warns":
    "place=entries entries=dev claims=mine previous=dev dead=absent => same dev, at 1, noRole",
  "keeps its own entry of a role that IAM does not have in a create":
    "place=entries entries=dev claims=mine dead=absent => same dev, at 1, noRole",
  "writes its own entry of a role that IAM does not have":
    "place=entries entries=ops claims=mine previous=dev dead=absent => write dev, at 1, drift ops to dev, noRole",
  "claims its entry of a role that IAM does not have again":
    "place=entries entries=dev previous=dev dead=absent => claim dev, at 1, drift claimRemoved, noRole",
  "refuses an entry of a role that IAM does not have that another owner took over":
    "place=entries entries=dev claims=other previous=dev dead=absent => refused takenOver, entries dev@1, claims other",
  "refuses to take over the entry of a role that IAM does not have":
    "place=entries entries=ops claims=other dead=absent adopt => refused noRole, entries ops@1, claims other",
  "refuses to write the entry of a role that IAM does not have without a claim":
    "place=entries entries=ops previous=dev dead=absent adopt => refused noRole, entries ops@1",
  "refuses an entry without a claim of a role that IAM does not have":
    "place=entries entries=dev dead=absent => refused noRole, entries dev@1",
  "names the access policies of others":
    "place=entries entries=dev claims=mine previous=dev policies=View => same dev, at 1, policies",
  // One entry with the wanted content.
  "keeps its own entry": "entries=dev claims=mine previous=dev => same dev, at 1",
  "keeps a shared entry": "entries=dev claims=mine,other previous=dev => same dev, at 1, shares with other",
  "keeps its own entry that already has the new content": "entries=dev claims=mine previous=ops => same dev, at 1",
  "keeps its own entry in a create": "entries=dev claims=mine => same dev, at 1",
  "renames the claim of its own entry after a rename":
    "entries=dev claims=renamed previous=dev => claim dev, at 1, drops renamed, renamed",
  "renames the claim of a shared access entry":
    "place=entries entries=dev claims=renamed,other previous=dev => claim dev, at 1, drops renamed, shares with other, renamed",
  "drops the claim from before a rename with a change":
    "entries=ops claims=renamed previous=ops => write dev, at 1, drops renamed, renamed",
  "adds a missing entry, and drops the claim from before a rename":
    "claims=renamed previous=dev => add dev, drops renamed, drift gone",
  "counts the claim of a copied state as another owner's":
    "entries=dev claims=mine,copied previous=dev => same dev, at 1, shares with copied",
  "claims the entry of a killed create, and says so": "entries=dev claims=stem => claim dev, at 1, drops stem, resumed",
  "claims the access entry of a killed create beside other claims":
    "place=entries entries=dev claims=stem,unreadable previous=dev => claim dev, at 1, drops stem, shares with unreadable, resumed",
  "finishes an administrator's access entry whose create was killed before it had its policy":
    "place=entries entries=adminUnfinished claims=stem want=admin => write admin, at 1, drops stem, resumed",
  "counts other content of aws-auth with a claim by stem as another owner's, also for an administrator":
    "entries=adminUnfinished claims=stem want=admin => refused mapped, entries adminUnfinished@1, claims stem, adopt helps",
  "counts other content of an access entry with a claim by stem as another owner's":
    "place=entries entries=ops claims=stem want=admin => refused mapped, entries ops@1, claims stem, adopt helps",
  "shares an identical entry of aws-auth": "entries=dev claims=other => claim dev, at 1, shares with other",
  "shares an identical entry of aws-auth that the state has":
    "entries=dev claims=other previous=dev => claim dev, at 1, shares with other",
  "shares an identical entry of aws-auth with adopt too":
    "entries=dev claims=other adopt => claim dev, at 1, shares with other",
  "refuses an identical access entry without a claim, which a delete would remove":
    "place=entries entries=dev => refused mapped, entries dev@1, adopt helps",
  "refuses an identical access entry of another owner":
    "place=entries entries=dev claims=other => refused mapped, entries dev@1, claims other, adopt helps",
  "adopts an identical access entry of another owner":
    "place=entries entries=dev claims=other adopt => claim dev, at 1, drops other, names other, adopts, dev@1",
  "refuses an identical access entry that another owner took over":
    "place=entries entries=dev claims=other previous=dev => refused takenOver, entries dev@1, claims other",
  "refuses an identical access entry that another owner took over, with adopt and after a change too":
    "place=entries entries=dev claims=other previous=ops adopt => refused takenOver, entries dev@1, claims other",
  "claims its entry again after the claim was removed":
    "entries=dev previous=dev => claim dev, at 1, drift claimRemoved",
  "claims an identical entry without a claim, and reports it": "entries=dev => claim dev, at 1, tells of dev@1",
  "adopts an identical entry without a claim": "entries=dev adopt => claim dev, at 1, adopts, dev@1",
  "refuses an identical entry for nodes without a claim":
    "entries=nodes want=nodes => refused unclaimed, entries nodes@1, adopt helps",
  "adopts an identical entry for nodes without a claim":
    "entries=nodes want=nodes adopt => claim nodes, at 1, adopts, nodes@1",
  "claims its entry for nodes again after the claim was removed":
    "entries=nodes want=nodes previous=nodes => claim nodes, at 1, drift claimRemoved",
  // One entry, other content.
  "writes a change of the program": "entries=ops claims=mine previous=ops => write dev, at 1",
  "restores an edited entry": "entries=ops claims=mine previous=dev => write dev, at 1, drift ops to dev",
  "writes its own entry in a create": "entries=ops claims=mine => write dev, at 1",
  "restores an edited entry whose claim was removed": "entries=ops previous=dev => write dev, at 1, drift ops to dev",
  "writes a change of the program if the claim was removed":
    "entries=ops previous=ops => write dev, at 1, drift claimRemoved",
  "refuses other content of an access entry without a claim, which may be of another tool":
    "place=entries entries=ops previous=dev => refused mapped, entries ops@1, adopt helps",
  "adopts other content of an access entry without a claim":
    "place=entries entries=ops previous=dev adopt => write dev, at 1, drift ops to dev, adopts, ops@1",
  "restores a shared entry that was edited, and drops the claims of others":
    "entries=ops claims=mine,other previous=dev => write dev, at 1, drops other, names other, drift ops to dev",
  "refuses to change a shared entry":
    "entries=ops claims=mine,other previous=ops => refused shared, entries ops@1, claims other, adopt helps",
  "refuses to change a shared entry that the state does not have":
    "entries=ops claims=mine,other => refused shared, entries ops@1, claims other, adopt helps",
  "adopts a shared entry":
    "entries=ops claims=mine,other previous=ops adopt => write dev, at 1, drops other, names other, adopts, ops@1",
  "counts a claim by stem on other content as another owner's":
    "entries=ops claims=stem => refused mapped, entries ops@1, claims stem, adopt helps",
  "refuses an entry that another owner took over":
    "entries=ops claims=other previous=dev => refused takenOver, entries ops@1, claims other",
  "refuses an entry that another owner took over, with adopt too":
    "entries=ops claims=other previous=ops adopt => refused takenOver, entries ops@1, claims other",
  "refuses an entry of another owner":
    "entries=ops claims=other => refused mapped, entries ops@1, claims other, adopt helps",
  "refuses an entry without a claim": "place=entries entries=ops => refused mapped, entries ops@1, adopt helps",
  "adopts an entry of another owner":
    "entries=ops claims=other,unreadable adopt => write dev, at 1, drops other, names other, shares with unreadable, adopts, ops@1",
  "adopts an entry without a claim": "entries=ops adopt => write dev, at 1, adopts, ops@1",
  "adopts an access entry of another owner":
    "place=entries entries=ops claims=other adopt => write dev, at 1, drops other, names other, adopts, ops@1",
  "refuses an access entry for nodes of another owner":
    "place=entries entries=nodes claims=other want=nodes => refused mapped, entries nodes@1, claims other, adopt helps",
  "refuses another entry of nodes without a claim":
    "entries=dev want=nodes => refused mapped, entries dev@1, adopt helps",
  // Several entries.
  "moves its own entry behind another one that is in force":
    "entries=dev,ops claims=mine previous=dev => write dev, restores order, at 1, drift overridden",
  "moves its own entry with its ignored content":
    "entries=dev,admin claims=mine previous=dev ignored=username => write dev, restores order, at 1, drift overridden",
  "moves its shared entry, and drops the claims of others":
    "entries=dev,ops claims=mine,other previous=dev => write dev, restores order, at 1, drops other, names other, drift overridden",
  "refuses to move an entry that would not be in force":
    "entries=dev,ops claims=mine previous=dev fixed => refused duplicate, entries dev@1 and ops@2, adopt helps",
  "refuses another spelling of a user, since either may be in force":
    "entries=ops,dev claims=mine previous=dev spellings fixed => refused duplicate, entries ops@1 and dev@2, adopt helps",
  "keeps its own entry beside another one if an access entry with its content overrides both":
    "places=map,entries entries=dev,ops claims=mine previous=dev otherEntries=dev => same dev, at 1, warns that ops@2 of 2 counts",
  "moves its own entry if the access entry is dead":
    "places=map,entries entries=dev,ops claims=mine previous=dev otherEntries=dev otherDead=recreated => write dev, restores order, at 1, drift overridden",
  "claims its entry again beside another one that is not in force":
    "entries=ops,dev previous=dev => claim dev, at 2, warns that dev@2 of 2 counts",
  "shares an entry that is in force beside another one":
    "entries=ops,dev claims=other previous=dev => claim dev, at 2, shares with other, warns that dev@2 of 2 counts",
  "refuses several entries when the program changes to the one in force":
    "entries=ops,dev claims=mine previous=ops => refused duplicate, entries ops@1 and dev@2, adopt helps",
  "refuses several entries when the program changes to the one in force after a rename":
    "entries=ops,dev claims=renamed previous=ops => refused duplicate, entries ops@1 and dev@2, adopt helps",
  "refuses several entries of the state beside the claim of a killed replacement":
    "entries=ops,dev claims=stem previous=dev => refused duplicate, entries ops@1 and dev@2, adopt helps",
  "refuses several identical access entries without its own claim":
    "place=entries entries=dev,dev previous=dev => refused duplicate, entries dev@1 and dev@2, adopt helps",
  "refuses several access entries without its own claim":
    "place=entries entries=ops,dev previous=dev => refused duplicate, entries ops@1 and dev@2, adopt helps",
  "keeps its shared entry beside another one":
    "entries=ops,dev claims=mine,other previous=dev => same dev, at 2, shares with other, warns that dev@2 of 2 counts",
  "renames the claim of its own entry beside another one":
    "entries=ops,dev claims=renamed previous=dev => claim dev, at 2, drops renamed, renamed, warns that dev@2 of 2 counts",
  "moves its own entry after a rename":
    "entries=dev,ops claims=renamed previous=dev => write dev, restores order, at 1, drops renamed, drift overridden, renamed",
  "reduces several entries to one with adopt":
    "entries=dev,ops claims=mine,other previous=dev adopt => write dev, at 2, removes dev@1, drops other, names other, drift ops to dev, adopts, dev@1, ops@2",
  "refuses several entries if none has the wanted content":
    "entries=ops,ops claims=mine previous=dev => refused duplicate, entries ops@1 and ops@2, adopt helps",
  "refuses several entries when the program changes":
    "entries=dev,ops claims=mine previous=ops => refused duplicate, entries dev@1 and ops@2, adopt helps",
  "refuses several entries after a rename if none has the wanted content":
    "entries=ops,ops claims=renamed previous=dev => refused duplicate, entries ops@1 and ops@2, adopt helps",
  "refuses several entries when the program changes after a rename":
    "entries=dev,ops claims=renamed previous=ops => refused duplicate, entries dev@1 and ops@2, adopt helps",
  "refuses several entries without its own claim":
    "entries=dev,ops claims=other previous=dev => refused duplicate, entries dev@1 and ops@2, claims other, adopt helps",
  "refuses several entries in a create": "entries=dev,dev => refused duplicate, entries dev@1 and dev@2, adopt helps",
  "refuses several entries beside the claim of a killed create":
    "entries=dev,ops claims=stem => refused duplicate, entries dev@1 and ops@2, adopt helps",
  "refuses several entries after its claim was removed":
    "entries=dev,ops previous=dev => refused duplicate, entries dev@1 and ops@2, adopt helps",
  "refuses several edited entries after its claim was removed":
    "entries=ops,ops previous=dev => refused duplicate, entries ops@1 and ops@2, adopt helps",
  "refuses several entries for nodes":
    "entries=nodes,nodes want=nodes => refused duplicate, entries nodes@1 and nodes@2, adopt helps",
  "reduces several identical entries without a claim to one with adopt":
    "entries=dev,dev adopt => write dev, at 2, removes dev@1, adopts, dev@1, dev@2",
  "takes ignored content from the last of several entries":
    "entries=ops,devRenamed claims=mine previous=dev ignored=username => same devRenamed, at 2, warns that devRenamed@2 of 2 counts",
  // Ignored content.
  "keeps an edit of ignored content":
    "entries=devRenamed claims=mine previous=dev ignored=username => same devRenamed, at 1",
  "writes a change of content that is ignored only in part":
    "entries=ops claims=mine previous=ops ignored=username => write dev, at 1",
  "adds an entry with the ignored content of the other place":
    "place=entries places=map,entries ignored=username otherEntries=devRenamed otherClaims=mine => add devRenamed",
  "adds an entry as declared if the mapping is not stored in the other place":
    "place=entries ignored=username otherEntries=devRenamed otherClaims=mine => add dev",
  // Access entries that no mapping can manage.
  "refuses an access entry that EKS created, with adopt too":
    "place=entries entries=dev foreign adopt => refused foreign, entries dev@1, EKS made it",
  // The other place.
  "refuses a new mapping that the other place contradicts":
    "place=entries otherEntries=ops otherClaims=other => refused mapped, entries ops@1, claims other, adopt helps",
  "refuses a changed mapping that the other place contradicts":
    "place=entries entries=ops claims=mine previous=ops otherEntries=ops => refused mapped, entries ops@1, adopt helps",
  "adopts in the place that takes precedence":
    "place=entries adopt otherEntries=ops otherClaims=other => add dev, warns of map, ops@1, of other",
  "refuses to adopt in the map if an access entry takes precedence":
    "adopt otherEntries=ops => refused mapped, entries ops@1",
  "refuses an unchanged mapping that an access entry overrides, with adopt too":
    "entries=dev claims=mine previous=dev adopt otherEntries=ops otherClaims=other => refused overridden, entries ops@1, claims other",
  "refuses an unchanged mapping that an access entry with access policies overrides":
    "entries=dev claims=mine previous=dev otherEntries=ops otherPolicies=View => refused overridden, entries ops@1",
  "warns if the map contradicts an unchanged mapping, whose access entry takes precedence":
    "place=entries entries=dev claims=mine previous=dev otherEntries=ops => same dev, at 1, warns of map, ops@1",
  "warns of a dead access entry beside its entry of the map":
    "entries=dev claims=mine previous=dev otherEntries=ops otherDead=recreated => same dev, at 1, deadElsewhere",
  "warns of a dead access entry beside a new mapping":
    "otherEntries=ops otherDead=absent otherClaims=other => add dev, deadElsewhere",
  "warns of the access policies of an identical access entry beside its entry of the map":
    "entries=dev claims=mine previous=dev otherEntries=dev otherPolicies=View => same dev, at 1, policies",
  "ignores the other place if its effective entry agrees":
    "place=entries otherEntries=ops,dev otherClaims=other => add dev",
  "ignores its own entry in the other place": "place=entries otherEntries=ops otherClaims=mine => add dev",
  "ignores an unknown other place": "otherUnknown => add dev",
  "leaves the other place to its own decision if the mapping is stored there too":
    "places=map,entries otherEntries=ops otherPolicies=View => add dev",
};
const cases = casesOf(table);

describe("decide", () => {
  it.each(cases)("$title", ({ facts, outcome }) => {
    expect(describeDecision(decisionBy(decideFacts(facts)))).toBe(outcome);
  });
});

const yesOrNo = [false, true];
const one = decideFacts("").cells;
const claims = ["none", "mine", "mineAndOthers", "stem", "others"] as const;
const previous = ["none", "wanted", "other"] as const;
const values = {
  claims,
  previous,
  place: ["map", "entries"],
  adopt: yesOrNo,
  equal: yesOrNo,
} as const;
const combinations = [
  ...combinationsOf(one, { ...values, entries: ["none", "one"], foreign: yesOrNo, nodes: yesOrNo }),
  ...combinationsOf(one, { ...values, entries: ["several"], counts: ["wanted", "accessEntry", "atEnd", "other"] }),
  ...combinationsOf(one, {
    ...values,
    entries: ["one"],
    place: ["entries"],
    dead: ["recreated", "absent"],
    policies: yesOrNo,
  }),
].filter(({ entries, claims, equal, place, counts }) => {
  if (entries === "several" && place === "entries") {
    return claims !== "stem" && (counts === "wanted") === equal && counts !== "atEnd" && counts !== "accessEntry";
  }
  return equal
    ? entries === "one" || entries === "several"
    : claims !== "stem" || (entries === "one" && place === "entries");
});
const acrossCombinations = combinationsOf(one, {
  otherPlace: yesOrNo,
  previous,
  adopt: yesOrNo,
  place: ["map", "entries"],
  accessEntry: ["none", "overrides", "dead", "policies"],
}).filter(({ place, accessEntry, otherPlace }) =>
  place === "entries" ? accessEntry === "none" : !(otherPlace && ["none", "dead"].includes(accessEntry)),
);

it("decides each combination of the columns", () => {
  expect(combinations.filter((cells) => firstRow(decideRows, cells) === undefined)).toEqual([]);
});

describe("the cases of decide", () => {
  const isDetected = (rows: typeof decideRows, across: typeof acrossRows) =>
    cases.some(({ facts, outcome }) => outcome !== describeDecision(decisionBy(decideFacts(facts), rows, across)));

  it.each(decideRows)("detect a change to the row: $row", (row) => {
    expectNoticed(decideRows, row, combinations, (rows) => isDetected(rows, acrossRows));
  });

  it.each(acrossRows)("detect a change to the row: $row", (row) => {
    expectNoticed(acrossRows, row, acrossCombinations, (across) => isDetected(decideRows, across));
  });
});
