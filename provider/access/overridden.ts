import { differencesOf, type LiveAccessEntry, type Move, movesOf } from "../accessEntries";
import type { PlacedEntry } from "../authenticator";
import type { Entry } from "../document";
import { accessEntriesOf, type ClusterAccess } from "./clusterAccess";

/** An entry of aws-auth that has no effect, since an access entry wins. */
export interface OverriddenEntry {
  readonly placed: PlacedEntry;
  /** The access entry; of several, the first. */
  readonly winner: LiveAccessEntry;
  /** Whether both make the same of the identity. */
  readonly isEqual: boolean;
}

/** The entries of aws-auth that would count if there were no access entries, in the order of the map. */
export function overriddenEntries(access: ClusterAccess): ReadonlyMap<Entry, OverriddenEntry> {
  const [any] = access.entries;
  if (any === undefined) {
    return new Map();
  }
  const [, partition = "", , , clusterAccount = ""] = any.arn.split(":");
  const moves = movesOf(access.document, {
    clusterAccount,
    partition,
    lookUp: (arn) => {
      const [living] = accessEntriesOf(access, arn);
      return living === undefined
        ? { kind: "unknown", reason: "it has no access entry" }
        : { kind: "found", arn: living.principalArn };
    },
    eksRoles: new Set(),
  });
  return new Map(
    moves.flatMap((move) => {
      const { placed } = move;
      const { arn } = placed.entry;
      const [winner] = arn === undefined || isIdle(move) ? [] : accessEntriesOf(access, arn);
      const isEqual =
        winner !== undefined && move.kind === "move" && Object.keys(differencesOf(winner, move.content)).length === 0;
      return winner === undefined ? [] : [[placed.entry, { placed, winner, isEqual }] as const];
    }),
  );
}

/** Whether an entry has no effect anyway. */
function isIdle(move: Move): boolean {
  return move.kind !== "move" && move.reasons.some(({ code }) => code === "matchesNobody" || code === "shadowed");
}
