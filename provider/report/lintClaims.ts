import { type AwsAuthDocument, type Claim, claimsAnnotation, claimsOf, covers, faultsOf } from "../document";
import { groupBy } from "../groupBy";
import { type Finding, findingAt } from "./finding";
import { describeContent } from "./nearMiss";
import type { PlacedEntry } from "./placedEntry";

/** What is wrong with the record of claims: lines that nobody reads, claims on what is not there, claims on what was changed. */
export function lintClaims(document: AwsAuthDocument, entries: readonly PlacedEntry[]): Finding[] {
  const unread = document.record.lines.filter(isUnread).map(({ text }) => unreadFinding(text));
  // What a key holds that cannot be read, nobody can tell; the key has a finding of its own.
  if (faultsOf(document).length > 0) return unread;
  const claims = claimsOf(document);
  const claimsByPrincipal = groupBy(claims, ({ principal }) => principal);
  const entriesByPrincipal = groupBy(entries, ({ entry }) => entry.principal);
  const missing = claims.flatMap((claim): Finding[] => {
    const own = entriesByPrincipal.get(claim.principal) ?? [];
    if (isUnread(claim) || own.some(({ entry }) => covers(claim, entry))) return [];
    const rivals = claimsByPrincipal.get(claim.principal) ?? [];
    // The only entry that no claim covers is, to its stack as well, the claimed one after a hand edit.
    const [changed, ...more] = own.filter(
      ({ entry }) => entry.sso === undefined && !rivals.some((rival) => covers(rival, entry)),
    );
    return [changed === undefined || more.length > 0 ? missingFinding(claim) : differsFinding(claim, changed)];
  });
  return [...unread, ...missing];
}

/** Whether a line has another form than this version writes. */
function isUnread(line: AwsAuthDocument["record"]["lines"][number]): boolean {
  return line.principal === undefined || line.fingerprint === undefined;
}

function unreadFinding(text: string): Finding {
  return {
    rule: "claim-unread",
    severity: "note",
    message: `the line ${JSON.stringify(text)} of the annotation ${claimsAnnotation} has a form that this version does not know; it is kept, and if it begins with a principal it counts as a claim on all entries of that principal; if nobody needs it, remove it ${by}`,
  };
}

function missingFinding({ label, principal, text }: Claim): Finding {
  const owner = JSON.stringify(label);
  return {
    rule: "claim-without-entry",
    severity: "warning",
    message: `${owner} claims an entry for ${JSON.stringify(principal)} that is not there: somebody removed the entry, or a tool that writes the whole map did, or the claim was left behind by retainOnDelete, "pulumi state delete" or a stack that is gone; a claim only ever keeps an entry, so that an equal one would stay when everybody else has removed it; if ${owner} still exists, "pulumi up" puts the entry back, else remove the line ${JSON.stringify(text)} from the annotation ${claimsAnnotation} ${by}`,
  };
}

function differsFinding({ label }: Claim, changed: PlacedEntry): Finding {
  const message = `this entry says ${describeContent(changed.entry)}, which is not what ${JSON.stringify(label)} claims: it was changed outside Pulumi; "pulumi preview" of that stack shows the difference, and "pulumi up" mends it`;
  return findingAt(changed, "claim-differs", "warning", message);
}

/** The record has no command of its own. */
const by = 'with "kubectl -n kube-system edit configmap aws-auth", or in the manifest';
