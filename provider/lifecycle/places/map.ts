import {
  type AwsAuthMap,
  appendEntry,
  assertReadable,
  dataKeyOf,
  effectiveEntries,
  entriesInForce,
  findEntries,
  type MapEntry,
  moveEntry,
  positionOf,
  removeEntry,
  replaceEntry,
} from "../../awsAuthMap";
import { addClaim, type Claim, claimsOn, dropClaims } from "../../claims";
import type { ClusterSession } from "../../session/session";
import {
  type Accepted,
  type AcceptedRelease,
  isWritten,
  type Me,
  type Refusal,
  type Seen,
  type SeenEntry,
} from "../types";
import type { Guard, LocatedMapping, Place } from "./place";

/**
 * The ConfigMap aws-auth. A principal may have several entries, claims are lines of one annotation, and writes take
 * effect at once. Decisions are made inside the commit, on the version of the map that is written.
 */
export function mapPlace(session: ClusterSession): Place {
  const commit = <D extends Accepted | AcceptedRelease>(
    mapping: LocatedMapping,
    decide: (seen: Seen) => D | Refusal,
    change: (here: ObservedMap, decision: D) => AwsAuthMap,
  ): Promise<D | Refusal> =>
    session.commit((document) => {
      const here = observeMap(document, mapping);
      const result = decide(here.seen);
      return { document: isWritten(result) ? change(here, result) : document, result };
    });
  return {
    observe: async (mapping, isFresh) => observeMap(await session.document(isFresh), mapping).seen,
    write: (mapping, me, decide, guard) =>
      commit(mapping, decide, (here, decision) => writtenMap(here, mapping, me, decision, guard)),
    release: async (mapping, decide, guard) => {
      // Wait until an access entry of the principal, which replaces the entry of the map, is in force.
      await (await session.accessEntries())?.inForce(mapping.principal);
      return commit(mapping, decide, (here, decision) => editedMap(here, decision, guard));
    },
  };
}

/** Tries a write on the map that this run knows, so that a preview reports what the write would refuse. */
export async function tryWrite(
  session: ClusterSession,
  mapping: LocatedMapping,
  me: Me,
  decision: Accepted,
): Promise<void> {
  writtenMap(observeMap(await session.document(), mapping), mapping, me, decision, undefined);
}

interface ObservedMap {
  readonly document: AwsAuthMap;
  readonly seen: Seen;
  /** By {@link SeenEntry.position}. */
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/**
 * The entries that have an effect, with the one in force last. An entry without effect, such as one whose role has a
 * path, neither grants access nor conflicts, so it is ignored.
 */
function observeMap(document: AwsAuthMap, mapping: LocatedMapping): ObservedMap {
  const { principal, kind } = mapping;
  assertReadable(document, kind === "account" ? ["mapAccounts"] : ["mapRoles", "mapUsers"]);
  const effective = effectiveEntries(findEntries(document, principal));
  const inForce = entriesInForce(effective);
  const placed = effective.map((entry): readonly [SeenEntry, MapEntry] => {
    const { key, username, groups } = entry;
    // A write at the end of the list appends to that of the mapping's kind.
    const atEnd = { ...entry, key: dataKeyOf(mapping) };
    const counting = entriesInForce([...effective.filter((other) => other !== entry), atEnd]);
    const seen: SeenEntry = {
      content: { username, groups },
      position: `${key} entry ${positionOf(document, entry)}`,
      isInForce: inForce.includes(entry),
      countsAtEnd: counting.length === 1 && counting[0] === atEnd,
    };
    return [seen, entry];
  });
  const lastWrite = document.origin?.lastWrites?.[effective.at(-1)?.key ?? dataKeyOf(mapping)];
  return {
    document,
    seen: { entries: placed.map(([seen]) => seen), claims: claimsOn(document.claims, principal), lastWrite },
    entries: new Map(placed.map(([{ position }, entry]) => [position, entry])),
  };
}

function writtenMap(
  here: ObservedMap,
  mapping: LocatedMapping,
  me: Me,
  decision: Accepted,
  guard: Guard | undefined,
): AwsAuthMap {
  const { kind, content, entry, restores } = decision;
  const { username, groups } = content;
  const written = { ...mapping, username, groups };
  const own = entry && here.entries.get(entry.position);
  const change = (document: AwsAuthMap) => {
    if (own === undefined) {
      return appendEntry(document, written);
    }
    if (restores === "order") {
      return moveEntry(document, own, written);
    }
    return kind === "write" ? replaceEntry(document, own, written) : document;
  };
  const claim = { principal: mapping.principal, id: me.id, owner: me.owner };
  return editedMap(here, decision, guard, change, here.seen.claims.some(({ id }) => id === me.id) ? undefined : claim);
}

function editedMap(
  { document, entries }: ObservedMap,
  { removes, drops }: Pick<Accepted, "removes" | "drops">,
  guard: Guard | undefined,
  change = (before: AwsAuthMap) => before,
  added?: Claim,
): AwsAuthMap {
  const removed = removes.flatMap(({ position }) => entries.get(position) ?? []);
  // Apply the change first, since its errors contain the position of an entry.
  const edited = removed.reduce((before, entry) => removeEntry(before, entry), change(document));
  if (edited !== document) {
    guard?.map(document, edited);
  }
  const { claims } = document;
  return { ...edited, claims: added === undefined ? dropClaims(claims, drops) : addClaim(claims, added, drops) };
}
