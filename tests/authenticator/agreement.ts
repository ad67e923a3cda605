import { clusterAccess } from "../../provider/access/clusterAccess.ts";
import { explainAccess } from "../../provider/access/explainAccess.ts";
import { callerIdentity, foldCase, resolveIdentity } from "../../provider/authenticator/index.ts";
import { type AwsAuthMap, entriesOf, type MapEntry, problemsOf } from "../../provider/awsAuthMap/index.ts";
import type { Answer, Outcome } from "../support/authenticator/oracle.ts";

/** How many identities were compared, by what became of them. */
export interface Tally {
  mapped: number;
  refused: number;
  random: number;
}

/**
 * What explain and the authenticator disagree on, one sentence each.
 *
 * The authenticator at hand knows no `sso` entries, so it is compared with the resolver as it works with their feature gate off; and
 * it keeps an entry that has both rolearn and sso, which newer ones drop, so that identities in such entries are left out.
 */
export function disagreements(document: AwsAuthMap, arns: readonly string[], answer: Answer, tally: Tally): string[] {
  // Whom a refused key maps is unknown.
  if (problemsOf(document).length > 0) {
    return [];
  }
  return arns.flatMap((arn, index) => {
    const identity = callerIdentity(arn);
    const said = answer.identities[index];
    if (identity === undefined || said === undefined) {
      return [`${arn}: no answer`];
    }
    if (identity.arn !== said.canonical) {
      return [`${arn}: ${identity.arn} here, ${said.canonical} there`];
    }
    if (isInMixedEntry(document, identity.arn)) {
      return [];
    }
    const { candidates } = resolveIdentity(document, identity);
    const possible = candidates.map((entry) => outcomeOf(entry, identity.arn));
    tally[possible.length === 0 ? "refused" : possible.length === 1 ? "mapped" : "random"]++;
    const isAgreed =
      (said.outcomes.length === 0) === (possible.length === 0) &&
      said.outcomes.every((outcome) => possible.some((own) => isSame(own, outcome)));
    if (!isAgreed) {
      return [`${arn}: ${JSON.stringify(possible)} here, ${JSON.stringify(said.outcomes)} there`];
    }
    return isExplained(document, arn, possible) ? [] : [`${arn}: explain and the resolver differ`];
  });
}

/**
 * Whether explain gives every outcome. The authenticator at hand leaves templates as they are, so that explain is compared by the entry,
 * and has to report itself that a login is refused which has no instance.
 */
function isExplained(document: AwsAuthMap, arn: string, possible: readonly Outcome[]): boolean {
  const { logins, identity } = explainAccess(clusterAccess(document), arn);
  const session = identity.kind === "role" ? identity.sessionName : "";
  const isInstance = session === undefined || /^i-(?:\w{8}|\w{17})$/.test(session);
  const isRefused = (outcome: Outcome) => !isInstance && JSON.stringify(outcome).includes("{{EC2PrivateDNSName}}");
  return possible.length === 0
    ? logins.some(({ entry }) => entry === undefined)
    : possible.every((outcome) =>
        logins.some(
          ({ entry, user }) =>
            entry !== undefined &&
            isSame(outcomeOf(entry, identity.arn), outcome) &&
            isRefused(outcome) === (user === undefined),
        ),
      );
}

/** Whether an entry with both rolearn and sso names an identity: the authenticator at hand keeps it, and newer ones drop it. */
export function isInMixedEntry(document: AwsAuthMap, arn: string): boolean {
  return entriesOf(document).some(
    (entry) => entry.sso !== undefined && entry.arn !== undefined && foldCase(entry.arn) === foldCase(arn),
  );
}

function outcomeOf(entry: MapEntry, arn: string): Outcome {
  return entry.key === "mapAccounts"
    ? { username: arn, groups: [] }
    : { username: entry.username, groups: entry.groups };
}

function isSame(a: Outcome, b: Outcome): boolean {
  return a.username === b.username && a.groups.join("\0") === b.groups.join("\0");
}
