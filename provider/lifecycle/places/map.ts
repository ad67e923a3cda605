import {
  type AwsAuthMap,
  appendEntry,
  assertReadable,
  effectiveEntries,
  findEntries,
  type MapEntry,
  positionOf,
  removeEntry,
  replaceEntry,
} from "../../awsAuthMap";
import { addClaim, type Claim, claimsOn, dropClaims } from "../../claims";
import type { ClusterSession } from "../../session/session";
import { mappingFor } from "../state";
import {
  type Accepted,
  type Content,
  type Decision,
  type Guard,
  isClaimedBy,
  isWritten,
  type Me,
  type Place,
  type Release,
  type Seen,
  type SeenEntry,
  type Subject,
} from "../types";

/**
 * The ConfigMap aws-auth. A principal may have several entries, claims are lines of one annotation, and writes take
 * effect at once. Decisions are made inside the commit, on the version of the map that is written.
 */
export function mapPlace(session: ClusterSession): Place {
  const commit = <D extends Decision | Release>(
    subject: Subject,
    decide: (seen: Seen) => D,
    change: (here: Here, decision: Exclude<D, { kind: "refused" }>) => AwsAuthMap,
  ): Promise<D> =>
    session.commit((document) => {
      const here = observeMap(document, subject);
      const result = decide(here.seen);
      return { document: isWritten(result) ? change(here, result) : document, result };
    });
  return {
    observe: async (subject, isFresh) => observeMap(await session.document(isFresh), subject).seen,
    write: (subject, me, decide, guard) =>
      commit(subject, decide, (here, decision) => write(here, subject, me, decision, guard)),
    release: async (subject, decide, guard) => {
      // The access entry must be in force before the entry in the map that it replaces is removed.
      await (await session.accessEntries())?.inForce(subject.principal);
      return commit(subject, decide, (here, decision) => edit(here, decision, guard));
    },
  };
}

/**
 * Tries a write on the map that this run knows, so that a preview reports what the write would refuse.
 *
 * @throws AwsAuthError `unsupportedEntry` if the entry cannot be replaced.
 */
export async function tryWrite(session: ClusterSession, subject: Subject, me: Me, decision: Accepted): Promise<void> {
  write(observeMap(await session.document(), subject), subject, me, decision, undefined);
}

/** Everything that one version of the map has for a principal. */
interface Here {
  readonly document: AwsAuthMap;
  readonly seen: Seen;
  /** By {@link SeenEntry.position}. */
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/**
 * The entries that have an effect, with the one in force last. An entry without effect, such as one whose role has a
 * path, neither grants access nor conflicts, so it is ignored.
 *
 * @throws AwsAuthError `unreadableKey` if a list that may contain an entry of the principal is unreadable.
 */
function observeMap(document: AwsAuthMap, { principal, kind }: Subject): Here {
  for (const key of kind === "account" ? (["mapAccounts"] as const) : (["mapRoles", "mapUsers"] as const)) {
    assertReadable(document, key);
  }
  const placed = effectiveEntries(findEntries(document, principal)).map((entry): readonly [SeenEntry, MapEntry] => {
    const position = `${entry.key} entry ${positionOf(document, entry)}`;
    return [{ content: contentOfEntry(entry), position }, entry];
  });
  return {
    document,
    seen: { entries: placed.map(([seen]) => seen), claims: claimsOn(document.claims, principal) },
    entries: new Map(placed.map(([{ position }, entry]) => [position, entry])),
  };
}

function contentOfEntry({ username, groups }: MapEntry): Content {
  return { ...(username !== "" && { username }), groups };
}

function write(here: Here, subject: Subject, me: Me, decision: Accepted, guard: Guard | undefined): AwsAuthMap {
  const { kind, content, entry } = decision;
  const mapping = mappingFor(subject, content);
  const own = entry && here.entries.get(entry.position);
  const change = (document: AwsAuthMap) =>
    own === undefined
      ? appendEntry(document, mapping)
      : kind === "write"
        ? replaceEntry(document, own, mapping)
        : document;
  const claim = { principal: subject.principal, id: me.id, owner: me.owner };
  return edit(here, decision, guard, change, isClaimedBy(here.seen, { id: me.id }) ? undefined : claim);
}

/** Changes entries and claims in one version. */
function edit(
  { document, entries }: Here,
  { removes, drops }: Pick<Accepted, "removes" | "drops">,
  guard: Guard | undefined,
  change = (before: AwsAuthMap) => before,
  added?: Claim,
): AwsAuthMap {
  const removed = removes.flatMap(({ position }) => entries.get(position) ?? []);
  // Apply the change first, since its errors give the position of an entry.
  const edited = removed.reduce((before, entry) => removeEntry(before, entry), change(document));
  if (edited !== document) {
    guard?.map(document, edited);
  }
  const { claims } = document;
  return { ...edited, claims: added === undefined ? dropClaims(claims, drops) : addClaim(claims, added, drops) };
}
