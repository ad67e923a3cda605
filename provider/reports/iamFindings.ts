import { notInIam } from "../accessEntries/accessEntry";
import type { Login } from "../identity/login";
import { formatArn, parseIamArn, principalKey } from "../mapping";
import { cutShort, quoted } from "../text/text";
import { hasEffect, type ReviewedIdentity, type ReviewedPrincipal, type ReviewRule } from "./accessReview";
import { type IamPrincipals, isMissingPrincipal, type MissingPrincipal } from "./readCluster";
import { describeTrusted, trustedPrincipals } from "./trust";

/** What to do with an entry whose role IAM Identity Center has replaced, as a clause. In aws-auth, ARNs have no path. */
export function successorRemedy(
  successor: string | undefined,
  isInMap: boolean,
  known: ReadonlyMap<string, object> = new Map(),
): string | undefined {
  const arn = parseIamArn(successor ?? "");
  const shown = arn && quoted(formatArn(isInMap ? { ...arn, path: "" } : arn));
  const isMapped = known.has(principalKey(successor ?? ""));
  return shown && (isMapped ? `remove the entry, since ${shown} is mapped too` : `map ${shown} instead`);
}

export type Findings = Readonly<Partial<Record<ReviewRule, string | undefined>>>;

/** The roles and users of a review, as IAM has them. */
export class IamReview {
  /** Which trust policies are not understood. */
  readonly notes: readonly string[];
  readonly #principals = new Map<string, ReviewedPrincipal | MissingPrincipal>();
  readonly #unusedSince: Date;

  /** @param unusedSince a role without later requests is unused. */
  constructor(principals: IamPrincipals, unusedSince: Date) {
    this.#unusedSince = unusedSince;
    const unread: string[] = [];
    for (const [key, found] of principals) {
      if (isMissingPrincipal(found)) {
        this.#principals.set(key, found);
        continue;
      }
      const { arn, createdAt, role } = found;
      const trust = role && trustedPrincipals(role.trustPolicy, parseIamArn(arn)?.account ?? "");
      unread.push(...(trust && "unread" in trust ? [`${arn} (${trust.unread})`] : []));
      const { at, region } = role?.lastUsed ?? {};
      this.#principals.set(key, {
        createdAt: createdAt.toISOString(),
        ...(at && { lastUsed: { at: at.toISOString(), ...(region !== undefined && { region }) } }),
        ...(trust && "value" in trust && { assumedBy: trust.value }),
      });
    }
    this.notes = unread.length === 0 ? [] : [`it is unknown who can assume these roles: ${cutShort(unread, 3)}`];
  }

  principal(identity: string): ReviewedPrincipal | undefined {
    const found = this.#principals.get(principalKey(identity));
    return isMissingPrincipal(found) ? undefined : found;
  }

  findings({ identity, entries }: Omit<ReviewedIdentity, "findings">, logins: readonly Login[]): Findings {
    const found = this.#principals.get(principalKey(identity));
    if (isMissingPrincipal(found)) {
      const isInMap = logins.some(({ entry }) => entry !== undefined);
      const isFree = isInMap && found.text === notInIam;
      const result = isFree ? "anyone who creates it gets this access" : "no one can log in with this ARN";
      const remedy = successorRemedy(found.successor, isInMap, this.#principals);
      return remedy === undefined
        ? { missing: `does not exist (${found.text}): ${result}` }
        : { "stale-sso": `no longer exists, because IAM Identity Center replaced it: ${remedy}` };
    }
    const death = logins.find(({ accessEntry }) => accessEntry?.death)?.accessEntry?.death;
    const { assumedBy = [], lastUsed, createdAt = "" } = (entries.some(hasEffect) && found) || {};
    const open = assumedBy.filter((one) => one.open !== undefined).map(describeTrusted);
    const used = lastUsed?.at ?? createdAt;
    const isUnused = new Date(used) < this.#unusedSince && parseIamArn(identity)?.kind === "role";
    const place = lastUsed?.region === undefined ? "" : ` in ${lastUsed.region}`;
    const last = lastUsed
      ? `has made no request to AWS since ${used.slice(0, 10)}${place}`
      : `has no recorded request to AWS since its creation on ${used.slice(0, 10)} (IAM keeps records for 400 days)`;
    return {
      "open-trust": open.length === 0 ? undefined : `can be assumed by ${cutShort(open, 3)}`,
      dead: death && `has an access entry that grants no access, since ${death.text}`,
      unused: isUnused ? `${last}, according to IAM (logins to the cluster may not be recorded)` : undefined,
    };
  }
}
