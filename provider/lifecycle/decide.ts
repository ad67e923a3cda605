import { claimsOf } from "../claims";
import { type Content, sameContent } from "../mapping";
import { type Cells, type Facts, factsOf, firstRow, type When } from "./facts";
import {
  type Accepted,
  type Decision,
  type Drift,
  type Me,
  type Note,
  otherPlace,
  type RefusalCode,
  type Sight,
  seenOrNothing,
  type Want,
} from "./types";

/**
 * Decides what happens to the entry of one mapping in one place. Pure: `check` calls it with the live version, and each write calls it
 * again with the version that it is about to replace. The first match in {@link decideRows} applies; {@link acrossRows} adds the objections
 * of the other place.
 *
 * Where the rules leave a choice, the result removes the least and reports the most:
 * - A claim by stem counts as another owner's, unless the entry has the wanted content, the entry of a mapping in the state is gone, or an
 *   access entry only lacks the administrators' policy: interrupted runs leave all of these.
 * - A claim that cannot be parsed is never dropped, so its entry is kept when all other owners release it.
 * - A missing entry is added without dropping the claims of others, since they may declare the same content.
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
    row: "EKS made the access entry, or no mapping has its type",
    when: { foreign: [true] },
    decision: refuse("foreign"),
  },
  {
    row: "no entry, new: any claims of others are void",
    when: { entries: ["none"], previous: ["none"] },
    decision: accept("add", { dropsOthers: true }),
  },
  {
    row: "no entry, in the state",
    when: { entries: ["none"] },
    decision: accept("add", { drift: () => ({ kind: "gone" }) }),
  },
  {
    row: "mine by ID from before a rename, as wanted: the claim gets today's owner",
    when: { entries: ["one"], renamed: [true], equal: [true] },
    decision: accept("claim", { notes: renamedClaims }),
  },
  {
    row: "mine by ID, as wanted",
    when: { entries: ["one"], claims: ["mine", "mineAndOthers"], equal: [true] },
    decision: accept("same"),
  },
  {
    row: "mine by stem, as wanted",
    when: { entries: ["one"], claims: ["stem"], equal: [true] },
    decision: accept("claim", { notes: takenByStem }),
  },
  {
    row: "mine by stem, an administrator without the policy yet",
    when: { entries: ["one"], claims: ["stem"] },
    decision: accept("write", { notes: takenByStem }),
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
    row: "no claim, other content, in the state",
    when: { entries: ["one"], claims: ["none"], previous: ["wanted", "other"] },
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
    row: "several entries, mine by ID from before a rename, one as wanted and as before",
    when: { entries: ["several"], renamed: [true], previous: ["wanted"], equal: [true] },
    decision: accept("claim", { notes: (facts) => [...renamedClaims(facts), ...severalEntries(facts)] }),
  },
  {
    row: "several entries, mine by ID, one as wanted and as before",
    when: { entries: ["several"], claims: ["mine", "mineAndOthers"], previous: ["wanted"], equal: [true] },
    decision: accept("same", { notes: severalEntries }),
  },
  {
    row: "several entries",
    when: { entries: ["several"] },
    decision: refuse("duplicate", { adoptHelps: true }),
  },
];

/** The objections of the other place to a decision that {@link decideRows} accepts. */
export const acrossRows: readonly Row<readonly [Accepted]>[] = [
  {
    row: "the other place disagrees, unchanged in the program",
    when: { otherPlace: [true], previous: ["wanted"] },
    decision: noteOtherPlace,
  },
  {
    row: "the other place disagrees, adopted in the place that counts",
    when: { otherPlace: [true], place: ["entries"], adopt: [true] },
    decision: noteOtherPlace,
  },
  {
    row: "the other place disagrees",
    when: { otherPlace: [true] },
    decision: refuseOtherPlace,
  },
];

interface Outcome {
  /** Drops the claims of others. Default: they are kept. */
  readonly dropsOthers?: boolean;
  /** Whether the write takes over an entry, which the preview shows. */
  readonly adopts?: boolean;
  /** Removes all entries except the one that is written. */
  readonly removesOthers?: boolean;
  readonly drift?: (facts: Facts) => Drift | undefined;
  readonly notes?: (facts: Facts) => readonly Note[];
}

function accept(kind: Accepted["kind"], outcome: Outcome = {}): Row["decision"] {
  const { dropsOthers = false, adopts = false, removesOthers = false, drift, notes } = outcome;
  return (facts) => {
    const { content, renamed, earlier, others } = facts;
    const { entries } = facts.sight.here;
    const isKept = kind === "same" || kind === "claim";
    const entry = entries.findLast((each) => isKept && sameContent(each.content, content)) ?? entries.at(-1);
    const loses = dropsOthers ? others.filter(({ id }) => id !== undefined) : [];
    const found = drift?.(facts);
    return {
      kind,
      content,
      entry,
      removes: removesOthers ? entries.slice(0, -1) : [],
      drops: kind === "same" ? [] : [...renamed, ...earlier, ...loses],
      loses,
      shares: others.filter((claim) => !loses.includes(claim)),
      ...(found !== undefined && { drift: found }),
      ...(adopts && { adopts: entries }),
      notes: notes?.(facts) ?? [],
    };
  };
}

function refuse(code: RefusalCode, { adoptHelps = false } = {}): Row["decision"] {
  return ({ content, others, me, sight: { here } }) => ({
    kind: "refused",
    code,
    content,
    entries: here.entries,
    claims: others,
    adoptHelps,
    isCopy: claimsOf(others, me.id).length > 0,
    ...(here.foreign !== undefined && { reason: here.foreign }),
  });
}

function changed({ previous, ignored, content, sight }: Facts): Drift | undefined {
  const live = sight.here.entries.at(-1)?.content;
  return previous === undefined || live === undefined || sameContent(live, previous, ignored)
    ? undefined
    : { kind: "changed", live, restores: content };
}

function renamedClaims({ renamed }: Facts): readonly Note[] {
  return [{ kind: "renamed", claims: renamed }];
}

function takenByStem({ earlier }: Facts): readonly Note[] {
  return [{ kind: "resumed", claims: earlier }];
}

function foundIdentical({ sight: { here } }: Facts): readonly Note[] {
  return here.entries.map((entry) => ({ kind: "foundIdentical", entry }));
}

function severalEntries({ sight: { here } }: Facts): readonly Note[] {
  const counts = here.entries.at(-1);
  return counts === undefined ? [] : [{ kind: "severalEntries", counts, entries: here.entries }];
}

function noteOtherPlace({ sight: { place, other } }: Facts, decision: Accepted): Decision {
  const { entries, claims } = seenOrNothing(other);
  return { ...decision, notes: [...decision.notes, { kind: "otherPlace", place: otherPlace(place), entries, claims }] };
}

function refuseOtherPlace({ content, sight: { place, other } }: Facts): Decision {
  const { entries, claims } = seenOrNothing(other);
  return { kind: "refused", code: "mapped", content, entries, claims, adoptHelps: place === "entries" };
}
