import { type CallerIdentity, candidatesFor, type Login, loginsOf, matchableIdentity } from "../authenticator";
import type { AwsAuthDocument, Entry } from "../document";

/** Somebody whom a map may let in: one IAM identity, or all of an account that have no entry of their own. */
export type Member =
  | { readonly kind: "identity"; readonly identity: CallerIdentity }
  | { readonly kind: "account"; readonly account: string };

/** Whom an entry is for: nobody where no caller ever has its ARN, and no single identity where it is for a permission set. */
export function memberOf({ arn, account }: Entry): Member | undefined {
  if (account !== undefined) {
    return { kind: "account", account };
  }
  const identity = arn === undefined ? undefined : matchableIdentity(arn);
  return identity && { kind: "identity", identity };
}

/** What the logins of a member come out as; those of an account as of somebody whom neither the map nor a binding names. */
export function loginsIn(document: AwsAuthDocument, member: Member): readonly Login[] {
  if (member.kind === "identity") {
    return loginsOf(document, member.identity);
  }
  const [entry] = candidatesFor(document, { arn: "", account: member.account }, { ssoRoleMatch: false });
  // No binding can name an empty username.
  return [{ entry, user: entry && { username: "", groups: [] } }];
}
