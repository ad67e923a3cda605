import type { Content } from "../mapping";
import { type Cells, type Facts, factsOf, firstRow, type When } from "./facts";
import {
  accept,
  changed,
  died,
  foundIdentical,
  noteContent,
  noteDeath,
  notePolicies,
  overridden,
  refuse,
  refuseForOther,
  severalEntries,
} from "./outcomes";
import type { Accepted, Decision, Me, Sight, Want } from "./types";

/**
 * Decides what happens to the entry of one mapping in one place. Pure: `check` calls it with the live version, and each write calls it
 * again with the version that it is about to replace. The first match in {@link decideRows} applies; {@link acrossRows} adds the objections
 * of the other place.
 *
 * Where the rules leave a choice, the result removes the least and reports the most:
 * - A claim by stem is treated as another owner's, unless the entry has the wanted content, the entry of a mapping in the state is gone, or an
 *   access entry only lacks the administrators' policy: interrupted runs leave all of these.
 * - A claim that cannot be parsed is never dropped, so its entry is kept when all other owners release it.
 * - `ignoreChanges` keeps the content of the last of several entries. Without an entry, it keeps that of the other place, if the mapping is
 *   stored there too, since both then have the same content.
 * - If the claim is gone and the entry has the content of the state, a changed mapping reports only the lost claim as drift.
 * - The other place objects only by its entry in force, and only if the mapping is not stored there; otherwise the decision for that place
 *   applies.
 *
 * @param previous the declared content in the state; undefined if the state does not have the mapping in this place.
 */
export function decide(want: Want, previous: Content | undefined, me: Me, sight: Sight): Decision {
  return decisionBy(factsOf(want, previous, me, sight));
}

/** The decision of the first matching row. The tables are parameters for the test that mutates each row. */
export function decisionBy(facts: Facts, rows = decideRows, across = acrossRows): Decision {
  const row = firstRow(rows, facts.cells);
  if (row === undefined) {
    throw new Error(`No rule decides ${JSON.stringify(facts.cells)}`);
  }
  const decision = row.decision(facts);
  return decision.kind === "refused"
    ? decision
    : (firstRow(across, facts.cells)?.decision(facts, decision) ?? decision);
}

/** A rule: it applies if each listed column has one of the values. */
export interface Row<Arguments extends readonly unknown[] = readonly []> {
  readonly row: string;
  readonly when: When<Cells>;
  readonly decision: (facts: Facts, ...more: Arguments) => Decision;
}

export const decideRows: readonly Row[] = [
  {
    row: "EKS created the access entry, or no mapping has its type",
    when: { foreign: [true] },
    decision: refuse("foreign"),
  },
  {
    row: "no entry: any claims of others are void",
    when: { entries: ["none"] },
    decision: accept("add", { dropsOthers: true, drift: ({ previous }) => previous && { kind: "gone" } }),
  },
  {
    row: "dead: only others', in the state",
    when: { dead: ["recreated"], claims: ["others"], previous: ["wanted", "other"] },
    decision: refuse("takenOver"),
  },
  {
    row: "dead: neither mine nor in the state",
    when: { dead: ["recreated"], claims: ["none", "others"], previous: ["none"], adopt: [false] },
    decision: refuse("mapped", { adoptHelps: true }),
  },
  {
    row: "dead: no claim, other content",
    when: { dead: ["recreated"], claims: ["none"], equal: [false], adopt: [false] },
    decision: refuse("mapped", { adoptHelps: true }),
  },
  {
    row: "dead: access policies of others",
    when: { dead: ["recreated"], policies: [true], adopt: [false] },
    decision: refuse("policies", { adoptHelps: true }),
  },
  {
    row: "dead: not mine, adopted",
    when: { dead: ["recreated"], claims: ["none", "others"], adopt: [true] },
    decision: accept("write", { restores: "entry", dropsOthers: true, adopts: true, drift: died }),
  },
  {
    row: "dead",
    when: { dead: ["recreated"] },
    decision: accept("write", { restores: "entry", dropsOthers: true, drift: died }),
  },
  {
    row: "IAM does not have the role: an entry that is not mine, new",
    when: { dead: ["absent"], claims: ["none", "others"], previous: ["none"] },
    decision: refuse("noRole"),
  },
  {
    row: "IAM does not have the role: no claim, other content",
    when: { dead: ["absent"], claims: ["none"], equal: [false] },
    decision: refuse("noRole"),
  },
  {
    row: "mine by ID, as wanted",
    when: { entries: ["one"], claims: ["mine", "mineAndOthers"], equal: [true] },
    decision: accept("same"),
  },
  {
    row: "mine by stem, as wanted",
    when: { entries: ["one"], claims: ["stem"], equal: [true] },
    decision: accept("claim"),
  },
  {
    row: "mine by stem, an administrator without the policy yet",
    when: { entries: ["one"], claims: ["stem"] },
    decision: accept("write"),
  },
  {
    row: "others', as wanted, in the map: shared",
    when: { entries: ["one"], claims: ["others"], equal: [true], place: ["map"] },
    decision: accept("claim"),
  },
  {
    row: "only others', in the state: other content, or an access entry",
    when: { entries: ["one"], claims: ["others"], previous: ["wanted", "other"] },
    decision: refuse("takenOver"),
  },
  {
    row: "no claim, as wanted, in the state",
    when: { entries: ["one"], claims: ["none"], equal: [true], previous: ["wanted", "other"] },
    decision: accept("claim", { drift: () => ({ kind: "claimRemoved" }) }),
  },
  {
    row: "no claim, or others' on an access entry, as wanted, new, adopted",
    when: { entries: ["one"], claims: ["none", "others"], equal: [true], adopt: [true] },
    decision: accept("claim", { dropsOthers: true, adopts: true }),
  },
  {
    row: "no claim, as wanted, new, nodes",
    when: { entries: ["one"], claims: ["none"], equal: [true], nodes: [true] },
    decision: refuse("unclaimed", { adoptHelps: true }),
  },
  {
    row: "no claim, as wanted, new, in the map",
    when: { entries: ["one"], claims: ["none"], equal: [true], place: ["map"] },
    decision: accept("claim", { notes: foundIdentical }),
  },
  {
    row: "mine by ID alone, other content",
    when: { entries: ["one"], claims: ["mine"] },
    decision: accept("write", { drift: changed }),
  },
  {
    row: "no claim, other content, in the state, in the map",
    when: { entries: ["one"], claims: ["none"], previous: ["wanted", "other"], place: ["map"] },
    decision: accept("write", { drift: (facts) => changed(facts) ?? { kind: "claimRemoved" } }),
  },
  {
    row: "mine by ID and others', other content, unchanged in the program",
    when: { entries: ["one"], claims: ["mineAndOthers"], previous: ["wanted"] },
    decision: accept("write", { dropsOthers: true, drift: changed }),
  },
  {
    row: "shared and changed in the program, or new: other content, adopted",
    when: { entries: ["one"], adopt: [true] },
    decision: accept("write", { dropsOthers: true, adopts: true, drift: changed }),
  },
  {
    row: "mine by ID and others', other content, changed in the program",
    when: { entries: ["one"], claims: ["mineAndOthers"] },
    decision: refuse("shared", { adoptHelps: true }),
  },
  {
    row: "others' or no claim, new: other content, or an access entry",
    when: { entries: ["one"] },
    decision: refuse("mapped", { adoptHelps: true }),
  },
  {
    row: "several entries, adopted",
    when: { entries: ["several"], adopt: [true] },
    decision: accept("write", { dropsOthers: true, adopts: true, removesOthers: true, drift: changed }),
  },
  {
    row: "several entries, mine by ID, unchanged in the program, as wanted in force",
    when: {
      entries: ["several"],
      claims: ["mine", "mineAndOthers"],
      previous: ["wanted"],
      counts: ["wanted", "accessEntry"],
    },
    decision: accept("same", { notes: severalEntries }),
  },
  {
    row: "several entries, mine by ID, unchanged in the program, as wanted if it were the last one",
    when: { entries: ["several"], claims: ["mine", "mineAndOthers"], previous: ["wanted"], counts: ["atEnd"] },
    decision: accept("write", { restores: "order", dropsOthers: true, drift: overridden }),
  },
  {
    row: "several entries, not mine, unchanged in the program, as wanted in force, in the map",
    when: {
      entries: ["several"],
      claims: ["none", "others"],
      previous: ["wanted"],
      counts: ["wanted"],
      place: ["map"],
    },
    decision: accept("claim", { notes: severalEntries }),
  },
  {
    row: "several entries",
    when: { entries: ["several"] },
    decision: refuse("duplicate", { adoptHelps: true }),
  },
];

/** The reasons of the other place against a decision that {@link decideRows} accepts. */
export const acrossRows: readonly Row<readonly [Accepted]>[] = [
  {
    row: "the other place disagrees and decides the login, unchanged in the program",
    when: { otherPlace: [true], previous: ["wanted"], accessEntry: ["overrides", "policies"] },
    decision: refuseForOther("overridden"),
  },
  {
    row: "the other place disagrees, unchanged in the program",
    when: { otherPlace: [true], previous: ["wanted"] },
    decision: noteContent,
  },
  {
    row: "the other place disagrees, adopted in the place that takes precedence",
    when: { otherPlace: [true], place: ["entries"], adopt: [true] },
    decision: noteContent,
  },
  {
    row: "the other place disagrees",
    when: { otherPlace: [true] },
    decision: refuseForOther("mapped"),
  },
  {
    row: "the access entry grants no access",
    when: { accessEntry: ["dead"] },
    decision: noteDeath,
  },
  {
    row: "the access entry has access policies",
    when: { accessEntry: ["policies"] },
    decision: notePolicies,
  },
];
