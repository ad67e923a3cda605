import {
  type AwsAuthMap,
  appendEntry,
  assertReadable,
  findEntries,
  isEffective,
  type MapEntry,
  positionOf,
  removeEntry,
  replaceEntry,
} from "../../awsAuthMap";
import type { Claim } from "../../claims";
import { addClaim, claimsOn, dropClaims } from "../../claims";
import type { ClusterSession } from "../../session/session";
import type { Guard } from "../guardTypes";
import type { Accepted, AcceptedRelease, Content, Me, Place, Seen, SeenEntry, Subject } from "../types";
import { mappingFor } from "./mappingFor";

/**
 * The ConfigMap aws-auth: a principal may have several entries, claims are lines of one annotation, and what is written counts at once.
 * Everything is decided inside the commit, on the version of the map that is written.
 */
export function mapPlace(session: ClusterSession): Place {
  const name = "map";
  const { declarations } = session;
  return {
    name,
    observe: async (subject, isFresh) => {
      if (isFresh) {
        session.forgetMap();
      }
      return observe(await session.document(), subject).seen;
    },
    write: async (subject, me, decide, guard) => {
      const decision = await session.commit((document) => {
        const here = observe(document, subject);
        const result = decide(here.seen);
        const isWritten = result.kind !== "refused" && result.kind !== "same";
        return { document: isWritten ? write(here, subject, me, result, guard) : document, result };
      });
      if (decision.kind === "add" || decision.kind === "write") {
        declarations.wrote(name, subject.principal);
      }
      return decision;
    },
    release: async (subject, decide, guard) => {
      // Where an access entry takes over, it has to be in force before the entry of the map goes.
      await session.entriesInForce(subject.principal);
      return session.commit((document) => {
        const here = observe(document, subject);
        const result = decide(here.seen);
        const isWritten = result.kind === "unclaim" || result.kind === "remove";
        return { document: isWritten ? release(here, result, guard) : document, result };
      });
    },
    hasWritten: (principal) => declarations.hasWritten(name, principal),
  };
}

/** All that one version of the map has of a principal. */
interface Here {
  readonly document: AwsAuthMap;
  readonly seen: Seen;
  /** By {@link SeenEntry.position}. */
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/**
 * Observe: the entries that have an effect, the one that counts last. An entry without effect, such as one whose role has a path, gives
 * nothing and takes nothing, so it is neither shared nor in the way.
 *
 * @throws AwsAuthError `unreadableKey` if a list is unreadable in which the principal may have an entry.
 */
function observe(document: AwsAuthMap, { principal, kind }: Subject): Here {
  for (const key of kind === "account" ? (["mapAccounts"] as const) : (["mapRoles", "mapUsers"] as const)) {
    assertReadable(document, key);
  }
  const found = findEntries(document, principal).filter(isEffective);
  // The authenticator looks into mapRoles before mapUsers.
  const ordered = [...found.filter(({ key }) => key !== "mapRoles"), ...found.filter(({ key }) => key === "mapRoles")];
  const placed = ordered.map((entry): readonly [SeenEntry, MapEntry] => {
    const position = `${entry.key} entry ${positionOf(document, entry)}`;
    return [{ content: contentOf(entry), position }, entry];
  });
  return {
    document,
    seen: { entries: placed.map(([seen]) => seen), claims: claimsOn(document.claims, principal) },
    entries: new Map(placed.map(([{ position }, entry]) => [position, entry])),
  };
}

function contentOf({ username, groups }: MapEntry): Content {
  return { ...(username !== "" && { username }), groups };
}

/** Ensure: the entry, the claim and the claims that are dropped, in one version. */
function write(here: Here, subject: Subject, me: Me, decision: Accepted, guard: Guard | undefined): AwsAuthMap {
  const { kind, content, entry, removes, drops } = decision;
  const mapping = mappingFor(subject, content);
  const without = remove(here, removes);
  const own = entry && here.entries.get(entry.position);
  const edited =
    own === undefined
      ? appendEntry(without, mapping)
      : kind === "write"
        ? replaceEntry(without, own, mapping)
        : without;
  if (edited !== here.document) {
    guard?.map(here.document, edited);
  }
  const isMine = ({ id }: Claim) => id === me.id;
  return here.seen.claims.some(isMine) || me.id === undefined
    ? withClaims(edited, drops)
    : withClaims(edited, drops, { principal: subject.principal, id: me.id, owner: me.owner });
}

function release(here: Here, { removes, drops }: AcceptedRelease, guard: Guard | undefined): AwsAuthMap {
  const edited = remove(here, removes);
  if (edited !== here.document) {
    guard?.map(here.document, edited);
  }
  return withClaims(edited, drops);
}

function remove({ document, entries }: Here, removed: readonly SeenEntry[]): AwsAuthMap {
  return removed
    .flatMap(({ position }) => entries.get(position) ?? [])
    .reduce((before, entry) => removeEntry(before, entry), document);
}

function withClaims(document: AwsAuthMap, drops: readonly Claim[], added?: Claim): AwsAuthMap {
  const { claims } = document;
  return { ...document, claims: added === undefined ? dropClaims(claims, drops) : addClaim(claims, added, drops) };
}
