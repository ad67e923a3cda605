import { claimsOf } from "../claims";
import { sameContent } from "../mapping";
import type { Facts } from "./facts";
import {
  type Accepted,
  type Decision,
  type Drift,
  type Note,
  otherPlace,
  type PlaceName,
  type RefusalCode,
  type Seen,
  type SeenEntry,
  seenOrNothing,
} from "./types";

interface Outcome {
  /** Drops the claims of others. Default: keeps them. */
  readonly dropsOthers?: boolean;
  /** Whether the write takes over an entry, which the preview shows. */
  readonly adopts?: boolean;
  readonly removesOthers?: boolean;
  readonly restores?: Accepted["restores"];
  readonly drift?: (facts: Facts) => Drift | undefined;
  readonly notes?: (facts: Facts) => readonly Note[];
}

export function accept(kind: Accepted["kind"], outcome: Outcome = {}): (facts: Facts) => Decision {
  const { dropsOthers = false, adopts = false, removesOthers = false, restores, drift, notes } = outcome;
  return (facts) => {
    const { content, ignored, renamed, earlier, others } = facts;
    // The claim of a renamed resource is updated to the current names.
    const decided = kind === "same" && renamed.length > 0 ? "claim" : kind;
    const { entries, lastWrite } = facts.sight.here;
    const isKept = kind === "same" || kind === "claim" || restores === "order";
    const entry = entries.findLast((each) => isKept && sameContent(each.content, content, ignored)) ?? entries.at(-1);
    const loses = dropsOthers ? others.filter(({ id }) => id !== undefined) : [];
    const found = drift?.(facts);
    return {
      kind: decided,
      content: restores === "order" ? (entry?.content ?? content) : content,
      entry,
      ...(restores !== undefined && { restores }),
      removes: removesOthers ? entries.slice(0, -1) : [],
      drops: decided === "same" ? [] : [...renamed, ...earlier, ...loses],
      loses,
      shares: others.filter((claim) => !loses.includes(claim)),
      ...(found !== undefined && { drift: { ...found, lastWrite } }),
      ...(adopts && { adopts: entries }),
      notes: [
        ...(decided === "same" || decided === "add" ? [] : claimNotes(facts)),
        ...(notes?.(facts) ?? []),
        ...(facts.cells.dead === "absent" ? deathNotes("noRole", entries) : []),
        ...policyNotes(entry === undefined ? [] : [entry], restores === "entry"),
      ],
    };
  };
}

export function refuse(code: RefusalCode, { adoptHelps = false } = {}): (facts: Facts) => Decision {
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

export function died({ previous, sight }: Facts): Drift | undefined {
  const death = sight.here.entries.at(-1)?.death;
  return previous === undefined || death === undefined ? undefined : { kind: "dead", death };
}

export function overridden({ sight }: Facts): Drift | undefined {
  const counts = sight.here.entries.at(-1);
  return counts && { kind: "overridden", counts };
}

export function changed({ previous, ignored, content, sight }: Facts): Drift | undefined {
  const live = sight.here.entries.at(-1)?.content;
  return previous === undefined || live === undefined || sameContent(live, previous, ignored)
    ? undefined
    : { kind: "changed", live, restores: content };
}

export function foundIdentical({ sight: { here } }: Facts): readonly Note[] {
  return here.entries.map((entry) => ({ kind: "foundIdentical", entry }));
}

export function severalEntries({ sight: { here } }: Facts): readonly Note[] {
  const counts = here.entries.at(-1);
  return counts === undefined ? [] : [{ kind: "severalEntries", counts, entries: here.entries }];
}

/** The notes on claims from before a rename, and on claims by stem. */
function claimNotes({ renamed, earlier }: Facts): readonly Note[] {
  const notes = [{ kind: "renamed", claims: renamed } as const, { kind: "resumed", claims: earlier } as const];
  return notes.filter(({ claims }) => claims.length > 0);
}

function deathNotes(kind: "noRole" | "deadElsewhere", entries: readonly SeenEntry[]): readonly Note[] {
  return entries.slice(-1).flatMap(({ death }) => (death === undefined ? [] : { kind, death }));
}

function policyNotes(entries: readonly SeenEntry[], isDeleted = false): readonly Note[] {
  const policies = entries.flatMap((entry) => entry.policies ?? []);
  return policies.length === 0 ? [] : [{ kind: "policies", policies, isDeleted }];
}

/** Adds notes on the entries of the principal in the other place. */
function noteOther(notesOf: (other: Seen, place: PlaceName) => readonly Note[]) {
  return ({ sight: { place, other } }: Facts, decision: Accepted): Decision => {
    const notes = notesOf(seenOrNothing(other), otherPlace(place));
    return { ...decision, notes: [...decision.notes, ...notes] };
  };
}

export const noteContent = noteOther(({ entries, claims }, place) => [{ kind: "otherPlace", place, entries, claims }]);

export const notePolicies = noteOther(({ entries }) => policyNotes(entries));

export const noteDeath = noteOther(({ entries }) => deathNotes("deadElsewhere", entries));

export function refuseForOther(code: RefusalCode): (facts: Facts) => Decision {
  return ({ content, sight: { place, other } }) => {
    const { entries, claims } = seenOrNothing(other);
    return { kind: "refused", code, content, entries, claims, adoptHelps: place === "entries" };
  };
}
