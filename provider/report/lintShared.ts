import { type AwsAuthDocument, type Entry, entryMapping } from "../document";
import { groupBy } from "../groupBy";
import { parseIamArn, sameContent } from "../mapping";
import { type Finding, findingAt } from "./finding";
import { describeContent, permissionSetOf } from "./nearMiss";
import { type PlacedEntry, placeOf } from "./placedEntry";
import { shadowedEntries } from "./shadowing";

/** What is wrong between entries: duplicates, users in several spellings, permission sets whose role was made anew. */
export function lintShared(document: AwsAuthDocument, entries: readonly PlacedEntry[]): Finding[] {
  const shadowing = shadowedEntries(document);
  const placed = new Map(entries.map((candidate) => [candidate.entry, candidate]));
  return [
    ...entries.flatMap((candidate) => shadowFinding(candidate, placed, shadowing.get(candidate.entry))),
    ...spellingFindings(entries),
    ...permissionSetFindings(entries),
  ];
}

function shadowFinding(
  candidate: PlacedEntry,
  placed: ReadonlyMap<Entry, PlacedEntry>,
  winners: readonly Entry[] | undefined,
): Finding[] {
  const winner = winners?.[0] && placed.get(winners[0]);
  if (winner === undefined) return [];
  const [own, other] = [entryMapping(candidate.entry), entryMapping(winner.entry)];
  if (own !== undefined && other !== undefined && sameContent(own, other)) {
    const message = `this entry says the same as ${placeOf(winner)} and makes no difference, except that removing one of them leaves the access; remove this one`;
    return [findingAt(candidate, "repeated", "warning", message)];
  }
  const message = `${placeOf(winner)} is for the same identity and shadows this entry, so it has no effect: ${describeContent(winner.entry)} counts, not ${describeContent(candidate.entry)}; merge them, or remove one`;
  return [findingAt(candidate, "shadowed", "error", message)];
}

/** mapUsers is filed by spelling and matched without regard to it, so that of two spellings either may be met first. */
function spellingFindings(entries: readonly PlacedEntry[]): Finding[] {
  const first = new Map<string, PlacedEntry>();
  return entries.flatMap((candidate) => {
    const { key, arn, principal } = candidate.entry;
    if (key !== "mapUsers" || arn === undefined || principal === undefined) return [];
    const other = first.get(principal);
    if (other === undefined) {
      first.set(principal, candidate);
      return [];
    }
    if (other.entry.arn === arn) return [];
    const message = `this is the user of ${placeOf(other)} in another spelling, and which of the two counts is random; keep one`;
    return [findingAt(candidate, "user-spelling", "error", message)];
  });
}

function permissionSetFindings(entries: readonly PlacedEntry[]): Finding[] {
  const sets = groupBy(entries, ({ entry }) => permissionSetKey(entry));
  return [...sets].flatMap(([key, roles]) => {
    const names = new Set(roles.map(({ entry }) => entry.principal));
    if (key === undefined || names.size < 2) return [];
    return roles.slice(0, -1).map((role) => {
      const last = roles.at(-1) ?? role;
      const message = `${JSON.stringify(role.entry.arn)} and ${placeOf(last)} are roles of one permission set with different suffixes, and at most one of them exists; remove the stale one`;
      return findingAt(role, "stale-permission-set", "warning", message);
    });
  });
}

function permissionSetKey({ arn }: Entry): string | undefined {
  const parsed = arn === undefined ? undefined : parseIamArn(arn);
  if (parsed?.kind !== "role") return undefined;
  const set = permissionSetOf(parsed.name);
  return set === undefined ? undefined : `${parsed.partition}:${parsed.account}:${set}`;
}
