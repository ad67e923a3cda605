import { type Claim, claimsOf } from "../claims";
import { sameContent, shownContent } from "../mapping";
import { firstRow, ignoredOf, type When } from "./facts";
import { isWithoutEffect } from "./mode";
import {
  type AcceptedRelease,
  type Before,
  type RefusedRelease,
  type Release,
  type ReleaseNote,
  type SeenEntry,
  type Sight,
  type Situation,
  seenOrNothing,
} from "./types";

/**
 * Decides what happens to the entry of a mapping that is deleted or leaves a place. Pure, as `decide`. {@link releaseRows} has the rules;
 * the first match applies.
 *
 * Where the rules leave a choice, the result removes the least and reports the most:
 * - A place outside the outputs is unchanged unless this resource has a claim there.
 * - An access entry that EKS created is kept, so that a mapping of the same principal can be deleted.
 * - Of several entries with the content of the state, the last one is removed, preferably one whose ignored properties match too.
 *
 * @param id the ID of the resource's claim; undefined if the state has none.
 */
export function decideRelease(before: Before, id: string | undefined, sight: Sight, situation: Situation): Release {
  return releaseBy(releaseFactsOf(before, id, sight, situation));
}

/** The release by the first matching row. The table is a parameter for the test that mutates each row. */
export function releaseBy(facts: ReleaseFacts, rows = releaseRows): Release {
  const row = firstRow(rows, facts.cells);
  if (row === undefined) {
    throw new Error(`No rule decides the release of ${JSON.stringify(facts.cells)}`);
  }
  return row.release(facts);
}

interface ReleaseCells {
  /** Whether it is the map of a cluster in mode `API`. */
  readonly ignoredByCluster: boolean;
  readonly entries: "none" | "one" | "several";
  /** EKS created the access entry, or its type is not that of any mapping. */
  readonly foreign: boolean;
  readonly inOutputs: boolean;
  /** Whether it is the map, and an access entry of the principal overrides it. */
  readonly overridden: boolean;
  /** By ID or its random part: a resource with the same stem may replace this one, and is treated as another owner. */
  readonly claims: "none" | "mine" | "mineAndOthers" | "others";
  /** Whether an entry has the content of the state, except for ignored properties. */
  readonly equal: boolean;
  /** Whether that entry, or the only one, has access policies of others. */
  readonly policies: boolean;
  readonly failedSuccessor: boolean;
}

interface ReleaseRow {
  readonly row: string;
  readonly when: When<ReleaseCells>;
  readonly release: (facts: ReleaseFacts) => Release;
}

export const releaseRows: readonly ReleaseRow[] = [
  {
    row: "the map of a cluster in mode API",
    when: { ignoredByCluster: [true] },
    release: leave(() => [{ kind: "noEffect" }]),
  },
  {
    row: "an access entry that EKS created, or whose type no mapping has",
    when: { foreign: [true] },
    release: unclaim(({ sight }) => [{ kind: "foreign", reason: sight.here.foreign ?? "" }]),
  },
  {
    row: "no entry",
    when: { entries: ["none"] },
    release: unclaim(() => []),
  },
  {
    row: "mine by ID alone, the entry has access policies of others",
    when: { claims: ["mine"], policies: [true] },
    release: refuseRelease("policies"),
  },
  {
    row: "a place that the outputs do not include, mine by ID alone, one entry",
    when: { inOutputs: [false], claims: ["mine"], entries: ["one"] },
    release: removeEntries(noteRemoved),
  },
  {
    row: "a place that the outputs do not include, mine by ID alone, one of several equals the state",
    when: { inOutputs: [false], claims: ["mine"], equal: [true] },
    release: removeEntries(noteRemoved),
  },
  {
    row: "a place that the outputs do not include, no claim",
    when: { inOutputs: [false], claims: ["none"] },
    release: leave(() => []),
  },
  {
    row: "the map where the principal has an access entry, mine by ID alone, one entry",
    when: { overridden: [true], claims: ["mine"], entries: ["one"] },
    release: removeEntries((facts) => (facts.cells.equal ? [] : noteRemoved(facts))),
  },
  {
    row: "the map where an access entry takes precedence, no claim, other content",
    when: { overridden: [true], claims: ["none"], equal: [false] },
    release: leave(({ sight }) => [{ kind: "left", entries: sight.here.entries }]),
  },
  {
    row: "another mapping of the principal has not succeeded in this run",
    when: { failedSuccessor: [true] },
    release: refuseRelease("successorFailed"),
  },
  {
    row: "mine by ID and others'",
    when: { claims: ["mineAndOthers"] },
    release: unclaim(({ others }) => [{ kind: "ownedByOthers", claims: others }]),
  },
  {
    row: "only others'",
    when: { claims: ["others"] },
    release: leave(({ others }) => [{ kind: "ownedByOthers", claims: others }]),
  },
  {
    row: "no claim, the entry has access policies of others",
    when: { policies: [true] },
    release: refuseRelease("policies"),
  },
  {
    row: "mine by ID alone or no claim, an entry equals the state",
    when: { equal: [true] },
    release: removeEntries(notesOfRemoval),
  },
  {
    row: "mine by ID alone or no claim, no entry equals the state",
    when: {},
    release: refuseRelease("changedOutside"),
  },
];

export interface ReleaseFacts {
  readonly cells: ReleaseCells;
  readonly before: Before;
  readonly id: string | undefined;
  readonly sight: Sight;
  readonly mine: readonly Claim[];
  readonly others: readonly Claim[];
  /** The last entry with the content of the state, otherwise the last one that matches except for ignored properties, otherwise the only one. */
  readonly removable: readonly SeenEntry[];
}

export function releaseFactsOf(
  before: Before,
  id: string | undefined,
  sight: Sight,
  { clusterMode, hasFailedSuccessor }: Situation,
): ReleaseFacts {
  const { place, here, other } = sight;
  const mine = claimsOf(here.claims, id);
  const others = here.claims.filter((claim) => !mine.includes(claim));
  const ignored = ignoredOf(before.ignored, before.content);
  const equal =
    here.entries.findLast(({ content }) => sameContent(content, before.content)) ??
    // A refresh stores names escaped.
    here.entries.findLast(({ content }) => sameContent(shownContent(content, before.content), before.content, ignored));
  const { entries: mapped, foreign } = seenOrNothing(other);
  const [only, ...more] = here.entries;
  const removed = equal ?? (more.length === 0 ? only : undefined);
  return {
    cells: {
      ignoredByCluster: isWithoutEffect(place, clusterMode),
      entries: only === undefined ? "none" : more.length === 0 ? "one" : "several",
      foreign: here.foreign !== undefined,
      inOutputs: before.places.includes(place),
      overridden: place === "map" && (mapped.length > 0 || foreign !== undefined),
      claims: mine.length > 0 ? (others.length > 0 ? "mineAndOthers" : "mine") : others.length > 0 ? "others" : "none",
      equal: equal !== undefined,
      policies: (removed?.policies ?? []).length > 0,
      failedSuccessor: hasFailedSuccessor,
    },
    before,
    id,
    sight,
    mine,
    others,
    removable: removed === undefined ? [] : [removed],
  };
}

type Notes = (facts: ReleaseFacts) => readonly ReleaseNote[];

function leave(notes: Notes): ReleaseRow["release"] {
  return (facts): AcceptedRelease => ({ kind: "nothing", removes: [], drops: [], notes: notes(facts) });
}

function unclaim(notes: Notes): ReleaseRow["release"] {
  return (facts): AcceptedRelease => {
    const { mine } = facts;
    return { kind: mine.length > 0 ? "unclaim" : "nothing", removes: [], drops: mine, notes: notes(facts) };
  };
}

function removeEntries(notes: Notes): ReleaseRow["release"] {
  return (facts): AcceptedRelease => {
    const { removable, mine } = facts;
    return { kind: "remove", removes: removable, drops: mine, notes: notes(facts) };
  };
}

/** Reports an entry that the state does not have, since the user does not expect its removal. */
function noteRemoved({ removable }: ReleaseFacts): readonly ReleaseNote[] {
  return [{ kind: "removed", entries: removable }];
}

function notesOfRemoval({ id, cells, sight, removable }: ReleaseFacts): readonly ReleaseNote[] {
  const entries = sight.here.entries.filter((entry) => !removable.includes(entry));
  return [
    ...(entries.length > 0 ? [{ kind: "remaining" as const, entries }] : []),
    ...(id !== undefined && cells.claims === "none" ? [{ kind: "claimLost" as const }] : []),
  ];
}

function refuseRelease(code: RefusedRelease["code"]): ReleaseRow["release"] {
  return ({ before: { content: previous }, id, cells, sight: { place, here } }): RefusedRelease => ({
    kind: "refused",
    code,
    place,
    previous,
    entries: here.entries,
    isOfOthers: place === "entries" && id !== undefined && cells.claims === "none",
  });
}
