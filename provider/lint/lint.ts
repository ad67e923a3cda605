import { entryMismatches } from "../authenticator/callerIdentity";
import { permissionSetOf } from "../authenticator/nearMiss";
import { describeContent, type PlacedEntry, placedEntries, placedEntry, placeOf } from "../authenticator/placedEntry";
import { shadowedEntries } from "../authenticator/resolve";
import { type Claim, claimsAnnotation } from "../claims";
import {
  type AwsAuthDocument,
  dataKeys,
  describePosition,
  droppedBecause,
  type Entry,
  entryMapping,
  fileLineOf,
  maxMapBytes,
  problemsOf,
} from "../document";
import { builtInGroupMeant, isBuiltInGroup, parseIamArn, sameContent } from "../mapping";
import { type Finding, findingAt, lintAccount, lintArn, lintContent, lintFields } from "./lintEntry";

/** The fraction of the size limit from which on a map counts as nearly full. */
const nearlyFull = 0.8;

function lintKeys(data: Readonly<Record<string, string>>, document: AwsAuthDocument): Finding[] {
  const { origin } = document;
  const unreadable = problemsOf(document).map(({ key, line, column, reason }): Finding => {
    const fileLine = fileLineOf(origin, key, line);
    return {
      rule: "unreadable-key",
      severity: "error",
      key,
      line,
      ...(fileLine !== undefined && { fileLine }),
      message: `the authenticator cannot read this key and drops every entry in it; ${describePosition(origin, key, { line, column })}: ${reason}; correct it by hand`,
    };
  });
  return [...sizeFinding(data), ...Object.keys(data).flatMap(nameFinding), ...unreadable];
}

function sizeFinding(data: Readonly<Record<string, string>>): Finding[] {
  const sizes = Object.entries(data).map(([key, text]) => ({ key, bytes: Buffer.byteLength(text) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < maxMapBytes * nearlyFull) {
    return [];
  }
  const largest = sizes.sort((a, b) => b.bytes - a.bytes)[0]?.key;
  const percent = Math.floor((total / maxMapBytes) * 100);
  const message = `the ConfigMap is ${percent} % full (${total} of ${maxMapBytes} bytes, most of it in ${largest}); map roles that many people assume instead of each person, or remove entries that nobody uses`;
  return [{ rule: "key-size", severity: "warning", message }];
}

/** The authenticator's key names are case-sensitive. */
function nameFinding(name: string): Finding[] {
  const meant = dataKeys.find((key) => {
    const bare = name.toLowerCase().replace(/[^a-z]/g, "");
    return key !== name && (bare === key.toLowerCase() || `${bare}s` === key.toLowerCase());
  });
  const message = `the key ${JSON.stringify(name)} is not one that the authenticator reads, so nothing in it counts; call it ${meant}`;
  return meant === undefined ? [] : [{ rule: "key-name", severity: "error", message }];
}

/** Findings about several entries: duplicates, users in several spellings, permission sets whose role was recreated. */
function lintShared(document: AwsAuthDocument, entries: readonly PlacedEntry[]): Finding[] {
  const shadowing = shadowedEntries(document);
  return [
    ...entries.flatMap((candidate) => {
      const [winner] = shadowing.get(candidate.entry) ?? [];
      return shadowFinding(candidate, winner && placedEntry(document, winner));
    }),
    ...spellingFindings(entries),
    ...permissionSetFindings(entries),
  ];
}

function shadowFinding(candidate: PlacedEntry, winner: PlacedEntry | undefined): Finding[] {
  if (winner === undefined) {
    return [];
  }
  const [own, other] = [entryMapping(candidate.entry), entryMapping(winner.entry)];
  if (own !== undefined && other !== undefined && sameContent(own, other)) {
    const message = `this entry is identical to ${placeOf(winner)} and has no effect of its own, but access stays if only one of them is removed; remove this one`;
    return [findingAt(candidate, "repeated", "warning", message)];
  }
  const message = `${placeOf(winner)} is for the same identity and shadows this entry, so it has no effect: ${describeContent(winner.entry)} counts, not ${describeContent(candidate.entry)}; merge them, or remove one`;
  return [findingAt(candidate, "shadowed", "error", message)];
}

/**
 * The authenticator stores mapUsers by exact spelling but ignores case when matching, so either of two spellings may match first.
 */
function spellingFindings(entries: readonly PlacedEntry[]): Finding[] {
  const first = new Map<string, PlacedEntry>();
  return entries.flatMap((candidate) => {
    const { key, arn, principal } = candidate.entry;
    if (key !== "mapUsers" || arn === undefined || principal === undefined || entryMismatches(arn).length > 0) {
      return [];
    }
    const other = first.get(principal);
    if (other === undefined) {
      first.set(principal, candidate);
      return [];
    }
    if (other.entry.arn === arn) {
      return [];
    }
    const message = `this is the user of ${placeOf(other)} in another spelling, and which of the two counts is random; keep one`;
    return [findingAt(candidate, "user-spelling", "error", message)];
  });
}

function permissionSetFindings(entries: readonly PlacedEntry[]): Finding[] {
  const sets = Map.groupBy(entries, ({ entry }) => permissionSetKey(entry));
  return [...sets].flatMap(([key, roles]) => {
    const names = new Set(roles.map(({ entry }) => entry.principal));
    if (key === undefined || names.size < 2) {
      return [];
    }
    return roles.slice(0, -1).map((role) => {
      const last = roles.at(-1) ?? role;
      const message = `${JSON.stringify(role.entry.arn)} and ${placeOf(last)} are roles of one permission set with different suffixes, and at most one of them exists; remove the stale one`;
      return findingAt(role, "stale-permission-set", "warning", message);
    });
  });
}

function permissionSetKey({ arn }: Entry): string | undefined {
  const parsed = arn === undefined ? undefined : parseIamArn(arn);
  if (parsed?.kind !== "role") {
    return undefined;
  }
  const set = permissionSetOf(parsed.name);
  return set === undefined ? undefined : `${parsed.partition}:${parsed.account}:${set}`;
}

/** Findings about claims: lines that cannot be parsed, and claims on entries that are not there. */
function lintClaims(document: AwsAuthDocument, entries: readonly PlacedEntry[]): Finding[] {
  // Whether a list that cannot be read has the entry is unknown. It has a finding of its own.
  const isReadable = problemsOf(document).length === 0;
  const isThere = new Set(entries.map(({ entry }) => entry.principal));
  return document.claims.flatMap(({ text, claim }) => {
    if (claim?.id === undefined) {
      return [unreadFinding(text)];
    }
    return isReadable && !isThere.has(claim.principal) ? [missingFinding(text, claim)] : [];
  });
}

function unreadFinding(text: string): Finding {
  return {
    rule: "claim-unread",
    severity: "note",
    message: `the line ${JSON.stringify(text)} of the annotation ${claimsAnnotation} is no claim that this version knows, and counts as another owner's; if it is not needed, remove it ${by}`,
  };
}

function missingFinding(text: string, { owner, principal }: Claim): Finding {
  return {
    rule: "claim-without-entry",
    severity: "warning",
    message: `${JSON.stringify(owner)} claims an entry for ${JSON.stringify(principal)} that is not in aws-auth; "pulumi up" of that stack restores the entry; if the stack is gone, remove the line ${JSON.stringify(text)} from the annotation ${claimsAnnotation} ${by}`,
  };
}

/** No command edits the annotation. */
const by = 'with "kubectl -n kube-system edit configmap aws-auth", or in the manifest';

/**
 * Findings about groups without role bindings, which grant nothing.
 *
 * @param bound the groups in the cluster's role bindings.
 */
export function lintBindings(entries: readonly PlacedEntry[], bound: ReadonlySet<string>): Finding[] {
  return entries.flatMap((placed) =>
    [...new Set(placed.entry.groups)]
      .filter((group) => group !== "" && !bound.has(group) && !group.includes("{{"))
      // A misspelt group has a finding of its own.
      .filter((group) => !isBuiltInGroup(group) && builtInGroupMeant(group) === undefined)
      .map((group) => {
        const message = `no ClusterRoleBinding and no RoleBinding names the group ${JSON.stringify(group)}, so it gives no rights; bind a role to it, or correct the name`;
        return findingAt(placed, "unbound-group", "warning", message);
      }),
  );
}

/**
 * Reports ineffective entries and common mistakes, in the order of the map. Findings about the whole map come first.
 *
 * @param data all data keys of the ConfigMap.
 * @param document the same, parsed.
 * @param bound the groups that the cluster's bindings name, if known. These are not misspelt.
 */
export function lintDocument(
  data: Readonly<Record<string, string>>,
  document: AwsAuthDocument,
  bound?: ReadonlySet<string>,
): readonly Finding[] {
  const entries = placedEntries(document);
  const alone = entries.flatMap((placed): Finding[] => {
    if (placed.key === "mapAccounts") {
      return lintAccount(placed, document);
    }
    const dropped = droppedBecause(placed.entry);
    const message = `the authenticator drops this entry: ${dropped}; correct or remove it`;
    const about = dropped === undefined ? lintArn(placed) : [findingAt(placed, "dropped-entry", "error", message)];
    return [...about, ...lintFields(document, placed), ...lintContent(document, placed, bound)];
  });
  const shared = lintShared(document, entries);
  return [...lintKeys(data, document), ...lintClaims(document, entries), ...alone, ...shared].sort(inOrder);
}

function inOrder(a: Finding, b: Finding): number {
  const place = ({ key, position }: Finding): number => {
    return (key === undefined ? 0 : dataKeys.indexOf(key) + 1) * 1e6 + (position ?? 0);
  };
  return place(a) - place(b);
}
