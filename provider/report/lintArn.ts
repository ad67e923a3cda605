import { formatArn, hasAccountId, parseIamArn, withoutPath } from "../mapping";
import { callerIdentity } from "./callerIdentity";
import { type Finding, findingAt, type LintRule } from "./finding";
import type { PlacedEntry } from "./placedEntry";

/** What keeps the ARN of an entry from ever matching, and what is doubtful about an entry of a permission set. */
export function lintArn(placed: PlacedEntry): Finding[] {
  const { arn: text, sso } = placed.entry;
  if (sso !== undefined) return lintSso(placed, sso.partition);
  if (text === undefined) return [];
  const arn = parseIamArn(text);
  const at = (rule: LintRule, message: string) => [findingAt(placed, rule, "error", message)];
  if (arn.kind === "fault") {
    // Unlike a resource, the authenticator does take an account's root and federated users for identities.
    const isOther = arn.code === "root" || arn.code === "federatedUser";
    if (isOther && callerIdentity(text)?.arn.toLowerCase() === text.toLowerCase()) return [];
    return at(arn.code === "assumedRole" ? "assumed-role" : "never-matches", `this entry never matches: ${arn.reason}`);
  }
  if (!hasAccountId(arn)) {
    return at(
      "never-matches",
      `this entry never matches: arn ${JSON.stringify(text)} has the account ${JSON.stringify(arn.account)}, which is not 12 digits; use the account's ID`,
    );
  }
  if (arn.kind === "role" && arn.path !== "") {
    return at(
      "role-path",
      `this entry never matches: arn ${JSON.stringify(text)} has the role's path, which AWS leaves out of the role's sessions; write ${JSON.stringify(formatArn(withoutPath(arn)))}`,
    );
  }
  return [];
}

function lintSso(placed: PlacedEntry, partition: string): Finding[] {
  if (partition !== "") {
    const message = `this entry never matches: the authenticator fits nobody to an sso entry that has a partition (${JSON.stringify(partition)}); remove partition`;
    return [findingAt(placed, "never-matches", "error", message)];
  }
  return [
    findingAt(
      placed,
      "sso-entry",
      "warning",
      "entries with sso count only where the authenticator's feature gate SSORoleMatch is on, which it is not by default; check that these people can log in, or map the role's ARN",
    ),
  ];
}
