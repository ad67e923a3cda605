import { claimsOf } from "../claims";
import { sameContent } from "../mapping";
import type { Facts } from "./facts";
import {
  type Accepted,
  type Decision,
  type Drift,
  type Note,
  otherPlace,
  type RefusalCode,
  type SeenEntry,
  seenOrNothing,
} from "./types";

interface Outcome {
  /** Drops the claims of others. Default: they are kept. */
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
    const { entries, lastWrite } = facts.sight.here;
    const isKept = kind === "same" || kind === "claim" || restores === "order";
    const entry = entries.findLast((each) => isKept && sameContent(each.content, content, ignored)) ?? entries.at(-1);
    const loses = dropsOthers ? others.filter(({ id }) => id !== undefined) : [];
    const found = drift?.(facts);
    return {
      kind,
      content: restores === "order" ? (entry?.content ?? content) : content,
      entry,
      ...(restores !== undefined && { restores }),
      removes: removesOthers ? entries.slice(0, -1) : [],
      drops: kind === "same" ? [] : [...renamed, ...earlier, ...loses],
      loses,
      shares: others.filter((claim) => !loses.includes(claim)),
      ...(found !== undefined && { drift: { ...found, lastWrite } }),
      ...(adopts && { adopts: entries }),
      notes: [
        ...(notes?.(facts) ?? []),
        ...absentRole(facts),
        ...policiesOf(entry === undefined ? [] : [entry], restores === "entry"),
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

export function renamedClaims({ renamed }: Facts): readonly Note[] {
  return [{ kind: "renamed", claims: renamed }];
}

export function foundIdentical({ sight: { here } }: Facts): readonly Note[] {
  return here.entries.map((entry) => ({ kind: "foundIdentical", entry }));
}

export function severalEntries({ sight: { here } }: Facts): readonly Note[] {
  const counts = here.entries.at(-1);
  return counts === undefined ? [] : [{ kind: "severalEntries", counts, entries: here.entries }];
}

/** The notes on claims from before a rename, and on claims by stem. */
export function resumedOrRenamed(facts: Facts): readonly Note[] {
  const { renamed, earlier } = facts;
  const resumed: readonly Note[] = earlier.length > 0 ? [{ kind: "resumed", claims: earlier }] : [];
  return [...(renamed.length > 0 ? renamedClaims(facts) : []), ...resumed];
}

function absentRole({ cells, sight }: Facts): readonly Note[] {
  const death = sight.here.entries.at(-1)?.death;
  return cells.dead === "absent" && death !== undefined ? [{ kind: "noRole", death }] : [];
}

function policiesOf(entries: readonly SeenEntry[], isDeleted: boolean): readonly Note[] {
  const policies = entries.flatMap((entry) => entry.policies ?? []);
  return policies.length === 0 ? [] : [{ kind: "policies", policies, isDeleted }];
}

function withNotes(decision: Accepted, notes: readonly Note[]): Accepted {
  return { ...decision, notes: [...decision.notes, ...notes] };
}

export function noteOtherPlace({ sight: { place, other } }: Facts, decision: Accepted): Decision {
  const { entries, claims } = seenOrNothing(other);
  return withNotes(decision, [{ kind: "otherPlace", place: otherPlace(place), entries, claims }]);
}

export function notePolicies({ sight: { other } }: Facts, decision: Accepted): Decision {
  const policies = seenOrNothing(other).entries.flatMap((entry) => entry.policies ?? []);
  return withNotes(decision, [{ kind: "policies", policies, isDeleted: false }]);
}

export function noteDeadElsewhere({ sight: { other } }: Facts, decision: Accepted): Decision {
  const death = seenOrNothing(other).entries.at(-1)?.death;
  return death === undefined ? decision : withNotes(decision, [{ kind: "deadElsewhere", death }]);
}

export function refuseForOther(code: RefusalCode): (facts: Facts) => Decision {
  return ({ content, sight: { place, other } }) => {
    const { entries, claims } = seenOrNothing(other);
    return { kind: "refused", code, content, entries, claims, adoptHelps: place === "entries" };
  };
}
