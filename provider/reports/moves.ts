import {
  type AccessEntryContent,
  describeAccessEntry,
  differencesOf,
  type EntryDeath,
  isServiceLinkedRole,
  notInIam,
} from "../accessEntries/accessEntry";
import { nodeGroups, translate } from "../accessEntries/translate";
import { entryMapping, type MapEntry } from "../awsAuthMap";
import type { EksCluster } from "../cluster/eks/eksConnection";
import { describeProblem } from "../errors";
import { accessEntriesOf, type ClusterAccess, clusterAccess } from "../identity/clusterAccess";
import { foldCase, neverMatchesBecause, parseIdentity } from "../identity/identity";
import { type PlacedEntry, placedEntries, placedEntry } from "../identity/placedEntry";
import { whoLogsIn } from "../identity/whoLogsIn";
import { type Mapping, parseIamArn, principalKey } from "../mapping";
import { quoted } from "../text/text";
import { type IamPrincipals, isMissingPrincipal } from "./readCluster";

/** The data of a cluster on which the moves of its map's entries depend. */
export interface MigrationFacts {
  readonly cluster: EksCluster;
  readonly access: ClusterAccess;
  /** The `principalKey`s of the roles of managed node groups and Fargate profiles, for which EKS creates access entries. */
  readonly eksRoles: ReadonlySet<string>;
  readonly principals: IamPrincipals;
}

export interface Move {
  /**
   * - `moves`: an access entry can have the same content
   * - `stays`: it needs no access entry, since it grants nothing or AWS creates one
   * - `cannot`: no access entry can have this content
   */
  readonly outcome: "moves" | "stays" | "cannot";
  /** Whether mode `API` would change nothing for its identity. Always false for `cannot`. */
  readonly isDone: boolean;
  /** The reason and the remedy, in one clause. */
  readonly reason: string;
  /** The required access entry. Only for `moves`. */
  readonly accessEntry?: AccessEntryContent;
}

export interface PlacedMove extends Move {
  readonly placed: PlacedEntry;
}

/** The moves of all entries of the map, in order. Entries that grant nothing never move, since an access entry would grant access. */
export function movesOf(facts: MigrationFacts): readonly PlacedMove[] {
  const { document } = facts.access;
  const ofMap = clusterAccess(document);
  // A map may contain one user in many spellings, each of which may be in force.
  const known = new Map<string, Counting>();
  const countingFor = (arn: string) => {
    const key = foldCase(arn);
    const found = known.get(key) ?? counting(ofMap, arn);
    known.set(key, found);
    return found;
  };
  return placedEntries(document).map((placed) => ({ placed, ...moveOf(facts, placed, countingFor) }));
}

type Counting = ReturnType<typeof counting>;

/** The entries of the map in force for an ARN, and why that may be wrong. */
function counting(access: ClusterAccess, arn: string) {
  const identity = parseIdentity(arn);
  const { doubt, logins } = identity === undefined ? { doubt: undefined, logins: [] } : whoLogsIn(access, identity);
  return { doubt, entries: new Set(logins.flatMap(({ entry }) => entry ?? [])) };
}

function moveOf(facts: MigrationFacts, placed: PlacedEntry, countingFor: (arn: string) => Counting): Move {
  const { entry } = placed;
  const [idle] = neverMatchesBecause(entry);
  if (idle !== undefined) {
    return stays(true, `no identity matches this entry: ${idle.text}; remove the entry`);
  }
  const mapping = entryMapping(entry);
  if (mapping === undefined) {
    return cannot("the authenticator may not support sso entries; map the ARN of the permission set's role");
  }
  if (mapping.kind === "account") {
    return translatedMove(facts, mapping, "");
  }
  const { doubt, entries } = countingFor(mapping.arn);
  if (doubt !== undefined) {
    return cannot(`it is unknown whether this entry takes effect: ${doubt}`);
  }
  const [winner] = entries;
  if (winner !== undefined && !entries.has(entry)) {
    const place = `${winner.key} entry ${placedEntry(facts.access.document, winner)?.position}`;
    return stays(true, `${place} for the same principal takes precedence; remove this entry`);
  }
  if (entries.size > 1) {
    return cannot("the user has two entries, of which the authenticator picks one at random; keep one");
  }
  return facts.eksRoles.has(principalKey(mapping.arn)) ? madeByAws(facts, entry, "EKS") : moved(facts, mapping, entry);
}

function moved(facts: MigrationFacts, mapping: Mapping, entry: MapEntry): Move {
  const principal = facts.principals.get(principalKey(mapping.arn));
  if (isMissingPrincipal(principal)) {
    return cannot(`${notInIam}; remove the entry, or correct its ARN`);
  }
  const [live, ...others] = accessEntriesOf(facts.access, mapping.arn);
  const known = principal?.arn ?? (others.length === 0 ? live?.principalArn : undefined);
  // A list of users may contain a role.
  const principalArn = parseIamArn(mapping.arn)?.kind === "role" ? known : mapping.arn;
  const move = translatedMove(facts, mapping, principalArn ?? mapping.arn);
  // AWS services and nodes other than EC2 have access entries that no mapping can have.
  const role = live && parseIamArn(live.principalArn);
  const isOfService = role !== undefined && isServiceLinkedRole(role);
  if (move.outcome === "cannot" && live !== undefined && (live.type !== "STANDARD" || isOfService)) {
    return madeByAws(facts, entry, "AWS");
  }
  const text =
    "it is unknown whether the role has a path, because IAM cannot be read; specify the complete ARN in the mapping";
  return principalArn === undefined && move.outcome === "moves" ? cannot(text) : move;
}

function translatedMove(facts: MigrationFacts, mapping: Mapping, principalArn: string): Move {
  const translation = translate(mapping, principalArn, facts.cluster);
  if (translation.kind === "refused") {
    const { refusals } = translation;
    const isForEks = refusals.every(({ isFargate }) => isFargate);
    const reason = refusals.map(describeProblem).join("; ");
    return isForEks ? stays(false, reason) : cannot(reason);
  }
  const { content } = translation;
  return { outcome: "moves", ...compare(facts, content), accessEntry: content };
}

/** Whether the access entry of a principal exists, is in force and has the wanted content. */
function compare(facts: MigrationFacts, wanted: AccessEntryContent): Pick<Move, "isDone" | "reason"> {
  const entries = accessEntriesOf(facts.access, wanted.principalArn);
  const wantedArn = wanted.principalArn.toLowerCase();
  const live = entries.find(({ principalArn }) => principalArn.toLowerCase() === wantedArn) ?? entries[0];
  if (live === undefined) {
    const reason = `needs an access entry for ${wanted.principalArn}: ${describeAccessEntry(wanted)}`;
    return { isDone: false, reason };
  }
  if (live.death !== undefined) {
    return { isDone: false, reason: describeDeath(live.death) };
  }
  const differences = differencesOf(live, wanted);
  return differences.length === 0
    ? { isDone: true, reason: "its access entry has the same content" }
    : { isDone: false, reason: `its access entry differs: ${differences.join("; ")}` };
}

function describeDeath({ text }: EntryDeath): string {
  return `its access entry grants no access, since ${text}; delete and recreate it`;
}

/** An entry whose access entry AWS creates, which must exist before the mapping is removed from aws-auth. */
function madeByAws(facts: MigrationFacts, { arn = "", groups }: MapEntry, who: string): Move {
  const [live] = accessEntriesOf(facts.access, arn);
  if (live === undefined) {
    const isEarly = facts.cluster.authenticationMode === "CONFIG_MAP";
    const when = isEarly ? "creates its access entry in the next mode" : "has not created its access entry";
    return stays(false, `${who} ${when}; keep this entry until the access entry exists`);
  }
  if (live.death !== undefined) {
    return stays(false, describeDeath(live.death));
  }
  const further = groups.filter((group) => !nodeGroups.includes(group));
  return further.length > 0 && live.type !== "STANDARD"
    ? cannot(
        `its access entry (${live.type}) does not have all groups of the aws-auth entry; remove ${further.map(quoted).join(", ")} from the aws-auth entry`,
      )
    : stays(true, `its access entry (${live.type}) is managed by ${who}`);
}

function stays(isDone: boolean, reason: string): Move {
  return { outcome: "stays", isDone, reason };
}

function cannot(reason: string): Move {
  return { outcome: "cannot", isDone: false, reason };
}
