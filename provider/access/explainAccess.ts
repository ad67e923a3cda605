import type { LiveAccessEntry } from "../accessEntries";
import { type ExplainedEntry, type Explanation, explainIdentity, refusedSession, userTextOf } from "../authenticator";
import { parseDocument } from "../document";
import { accessEntriesOf, type ClusterAccess } from "./clusterAccess";
import { overriddenEntries } from "./compare";
import { asEntry } from "./loginMap";

/** What lets an identity in: by its access entries, which win, or by aws-auth. */
export interface AccessExplanation {
  /** What aws-auth says; where an access entry wins, only what is to know of the identity itself. */
  readonly explanation: Explanation;
  /** What it becomes, by either; undefined: its logins are refused. */
  readonly user: Explanation["user"];
  /** The access entries of the identity. Several where nobody knows which of them is dead. */
  readonly winners: readonly LiveAccessEntry[];
  /** The entries of aws-auth that would count without them. */
  readonly overridden: readonly OverriddenByEntry[];
}

/** An entry of aws-auth that would count if there were no access entry. */
export interface OverriddenByEntry {
  readonly placed: ExplainedEntry;
  /** Whether it says the same. */
  readonly isEqual: boolean;
}

/** Explains which Kubernetes user an identity becomes in a cluster, and why. */
export function explainAccess(access: ClusterAccess, arn: string): AccessExplanation {
  const byMap = explainIdentity(access.document, arn);
  const winners = accessEntriesOf(access, byMap.identity.arn);
  const [winner] = winners;
  if (winner === undefined) {
    return { explanation: byMap, user: byMap.user, winners, overridden: [] };
  }
  const { givenBy, alternatives, shadowed, identity } = byMap;
  // EKS shows the groups of an access entry, and has more for nodes.
  const user = userTextOf({ ...asEntry(winner), groups: winner.groups }, identity);
  const ofNobody = explainIdentity(parseDocument({}), arn);
  const { sessionName } = identity;
  const refusal = user === undefined && sessionName !== undefined ? [refusedSession(sessionName)] : [];
  const overridden = overriddenEntries(access);
  return {
    explanation: { ...ofNobody, notes: [...ofNobody.notes, ...refusal] },
    user,
    winners,
    overridden: [givenBy, ...alternatives, ...shadowed].flatMap((placed) =>
      placed === undefined ? [] : [{ placed, isEqual: overridden.get(placed.entry)?.isEqual === true }],
    ),
  };
}
