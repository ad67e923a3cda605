import { type AwsAuthMap, entriesOf, type MapEntry, problemsOf } from "../../provider/awsAuthMap/index.ts";
import { clusterAccess } from "../../provider/identity/clusterAccess.ts";
import { foldCase, parseIdentity } from "../../provider/identity/identity.ts";
import { whoLogsIn } from "../../provider/identity/whoLogsIn.ts";
import type { Answer, Outcome } from "../support/authenticator/oracle.ts";

/** How many identities were compared, by what became of them. */
export interface Tally {
  mapped: number;
  refused: number;
  random: number;
}

/**
 * The differences between our answer and the authenticator's, one sentence each.
 *
 * The authenticator at hand knows no `sso` entries, so logins by these are left out; and it keeps an entry that has both rolearn and sso,
 * which newer ones drop, so identities in such entries are left out. It does not expand templates, so logins are compared by their entry.
 */
export function disagreements(document: AwsAuthMap, arns: readonly string[], answer: Answer, tally: Tally): string[] {
  // Whom a refused key maps is unknown.
  if (problemsOf(document).length > 0) {
    return [];
  }
  const access = clusterAccess(document);
  return arns.flatMap((arn, index) => {
    const identity = parseIdentity(arn);
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
    const logins = whoLogsIn(access, identity).logins.filter(({ entry }) => entry?.sso === undefined);
    const possible = logins.flatMap(({ entry }) => (entry === undefined ? [] : [outcomeOf(entry, identity.arn)]));
    tally[possible.length === 0 ? "refused" : possible.length === 1 ? "mapped" : "random"]++;
    const isAgreed =
      (said.outcomes.length === 0) === (possible.length === 0) &&
      said.outcomes.every((outcome) => possible.some((own) => isSame(own, outcome)));
    return isAgreed ? [] : [`${arn}: ${JSON.stringify(possible)} here, ${JSON.stringify(said.outcomes)} there`];
  });
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
