import { ignoredOf, isSameContent } from "./facts";
import type { AcceptedRelease, Claim, Leave, RefusedRelease, Release, ReleaseNote, SeenEntry, Sight } from "./types";

/**
 * Decides what happens to the entry of a mapping that is deleted or leaves a place. Pure, as `decide`. {@link releaseRows} has the
 * rules, read from the top.
 *
 * What the rules leave open is decided so that least is removed and most is reported:
 * - A place that the outputs do not name and that has no claim of mine alone is left as it is, apart from the claim.
 * - Of several entries with the content of the state, the last one is removed. Of several in a place that the outputs do not name, the
 *   one with the content of the state, else the last one.
 *
 * @param id the ID of the resource's claim; undefined if the state has none.
 */
export function decideRelease(leave: Leave, id: string | undefined, sight: Sight): Release {
  return releaseBy(releaseRows, releaseFactsOf(leave, id, sight));
}

/** The release by the first row that applies. Exported for the test that breaks each row. */
export function releaseBy(rows: readonly ReleaseRow[], facts: ReleaseFacts): Release {
  const row = rows.find(({ when }) => when(facts));
  if (row === undefined) {
    throw new Error(`No rule decides the release of ${JSON.stringify(facts.leave.principal)}`);
  }
  return row.then(facts);
}

export interface ReleaseRow {
  readonly row: string;
  readonly when: (facts: ReleaseFacts) => boolean;
  readonly then: (facts: ReleaseFacts) => Release;
}

/** The table, read from the top. */
export const releaseRows: readonly ReleaseRow[] = [
  {
    row: "the map of a cluster in mode API",
    when: ({ leave, sight }) => sight.place === "map" && leave.clusterMode === "API",
    then: nothing(() => [{ kind: "noEffect" }]),
  },
  {
    row: "no entry",
    when: ({ sight }) => sight.here.entries.length === 0 && sight.here.foreign === undefined,
    then: unclaim(() => []),
  },
  {
    row: "a place that the outputs do not name, mine by ID alone",
    when: ({ isNamed, claims }) => !isNamed && claims === "mine",
    then: remove(
      ({ equal, sight }) => [equal ?? sight.here.entries.at(-1)],
      (_, removed) => [{ kind: "removed", entries: removed }],
    ),
  },
  {
    row: "a place that the outputs do not name, without a claim of mine",
    when: ({ isNamed, claims }) => !isNamed && claims === "none",
    then: nothing(() => []),
  },
  {
    row: "the map where an access entry counts, mine by ID alone",
    when: ({ isHidden, claims }) => isHidden && claims === "mine",
    then: remove(
      ({ sight }) => sight.here.entries,
      (_, removed) => [{ kind: "removed", entries: removed }],
    ),
  },
  {
    row: "the map where an access entry counts, no claim, other content",
    when: ({ isHidden, claims, equal }) => isHidden && claims === "none" && equal === undefined,
    then: nothing(({ sight }) => [{ kind: "left", entries: sight.here.entries }]),
  },
  {
    row: "another mapping of the principal failed in this run",
    when: ({ leave }) => leave.hasFailedSuccessor,
    then: refuse("successorFailed"),
  },
  {
    row: "mine by ID and others'",
    when: ({ claims }) => claims === "mineAndOthers",
    then: unclaim(({ others }) => [{ kind: "ownedByOthers", claims: others }]),
  },
  {
    row: "only others'",
    when: ({ claims }) => claims === "others",
    then: nothing(({ others }) => [{ kind: "ownedByOthers", claims: others }]),
  },
  {
    row: "mine by ID alone or no claim, an entry equals the state",
    when: ({ equal, sight }) => equal !== undefined && sight.here.foreign === undefined,
    then: remove(({ equal }) => [equal], notesOfRemoval),
  },
  {
    row: "mine by ID alone or no claim, no entry equals the state",
    when: () => true,
    then: refuse("changedOutside"),
  },
];

/** What the rows are told apart by, and all that their outcome is made of. */
export interface ReleaseFacts {
  readonly leave: Leave;
  readonly id: string | undefined;
  readonly sight: Sight;
  /** Whether the outputs name the place. */
  readonly isNamed: boolean;
  /** Whether it is the map, and an access entry of the principal counts instead. */
  readonly isHidden: boolean;
  /** By ID alone: what has the same stem may replace this resource, and is another owner's. */
  readonly claims: "none" | "mine" | "mineAndOthers" | "others";
  readonly mine: readonly Claim[];
  readonly others: readonly Claim[];
  /** The last entry with the content of the state, apart from what is ignored. */
  readonly equal: SeenEntry | undefined;
}

export function releaseFactsOf(leave: Leave, id: string | undefined, sight: Sight): ReleaseFacts {
  const { place, here, other } = sight;
  const mine = here.claims.filter((claim) => claim.id !== undefined && claim.id === id);
  const others = here.claims.filter((claim) => !mine.includes(claim));
  const ignored = ignoredOf(leave.ignored, leave.previous);
  return {
    leave,
    id,
    sight,
    isNamed: leave.places.includes(place),
    isHidden: place === "map" && other !== "unknown" && (other.entries.length > 0 || other.foreign !== undefined),
    claims:
      mine.length > 0 ? (others.length > 0 ? "mineAndOthers" : "mine") : others.length > 0 ? "others" : "none",
    mine,
    others,
    equal: here.entries.findLast(({ content }) => isSameContent(content, leave.previous, ignored)),
  };
}

type Notes = (facts: ReleaseFacts, removed: readonly SeenEntry[]) => readonly ReleaseNote[];

function nothing(notes: Notes): ReleaseRow["then"] {
  return (facts): AcceptedRelease => ({ kind: "nothing", removes: [], drops: [], notes: notes(facts, []) });
}

function unclaim(notes: Notes): ReleaseRow["then"] {
  return (facts): AcceptedRelease => {
    const { mine } = facts;
    return { kind: mine.length > 0 ? "unclaim" : "nothing", removes: [], drops: mine, notes: notes(facts, []) };
  };
}

function remove(entriesOf: (facts: ReleaseFacts) => readonly (SeenEntry | undefined)[], notes: Notes): ReleaseRow["then"] {
  return (facts): AcceptedRelease => {
    const removes = entriesOf(facts).filter((entry) => entry !== undefined);
    return { kind: "remove", removes, drops: facts.mine, notes: notes(facts, removes) };
  };
}

function notesOfRemoval({ id, claims, sight }: ReleaseFacts, removed: readonly SeenEntry[]): readonly ReleaseNote[] {
  const entries = sight.here.entries.filter((entry) => !removed.includes(entry));
  return [
    ...(entries.length > 0 ? [{ kind: "remaining" as const, entries }] : []),
    ...(id !== undefined && claims === "none" ? [{ kind: "claimLost" as const }] : []),
  ];
}

function refuse(code: RefusedRelease["code"]): ReleaseRow["then"] {
  return ({ leave: { principal, previous }, sight: { place, here } }): RefusedRelease => ({
    kind: "refused",
    code,
    place,
    principal,
    previous,
    entries: here.entries,
  });
}
