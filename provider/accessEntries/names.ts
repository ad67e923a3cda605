import { authenticated, knownTemplates, superusers, unknownTemplates } from "../mapping";
import { quoted } from "../text/text";
import type { RefusalReason } from "./translation";

/**
 * The rules that a username violates. Prefixes are case-sensitive, as are those that aws-iam-authenticator reserves.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/set-custom-username.html
 */
export function usernameProblems(username: string): RefusalReason[] {
  const subject = `username ${quoted(username)}`;
  const prefix = reservedPrefixOf(username);
  const session = sessionTemplates.map((template) => username.indexOf(template)).filter((at) => at !== -1);
  const problems = foreignTemplates(username, sessionTemplates).map((template) => ({
    reason: `${subject} contains ${quotedTemplate(template)}, which access entries may not support`,
    remedy:
      template === "{{AccountID}}"
        ? "replace it with the account ID"
        : "use a username without it, also in its bindings",
  }));
  if (prefix !== undefined) {
    problems.unshift({
      reason: `${subject} starts with "${prefix}", which EKS reserves in access entries`,
      remedy: "use another username, also in its bindings",
    });
  }
  if (session.length > 0 && !username.slice(0, Math.min(...session)).includes(":")) {
    problems.push({
      reason: `${subject} has no colon before the session name, which EKS requires in access entries`,
      remedy: "add a colon before it, also in its bindings",
    });
  }
  return problems;
}

/**
 * The rules that a group violates. {@link superusers} violates none, since it has an equivalent.
 *
 * @see https://github.com/aws/karpenter-provider-aws/issues/7558 for the rule of EKS about `system:`.
 */
export function groupProblems(group: string): RefusalReason[] {
  if (group === "") {
    return [{ reason: 'group "" is empty, which access entries do not allow', remedy: "remove the group" }];
  }
  const subject = `group ${quoted(group)}`;
  const prefix = group === superusers ? undefined : reservedPrefixOf(group);
  const problems = foreignTemplates(group, []).map((template) => ({
    reason: `${subject} contains ${quotedTemplate(template)}, which groups of access entries may not support`,
    remedy:
      template === "{{AccountID}}" ? "replace it with the account ID" : "use a group without it, also in its bindings",
  }));
  if (prefix !== undefined) {
    problems.unshift({
      reason: `${subject} starts with "${prefix}", which EKS refuses in access entries`,
      remedy:
        group === authenticated
          ? "remove the group, since Kubernetes adds it to every user"
          : "use another group with the same bindings",
    });
  }
  return problems;
}

/** For usernames and groups. */
const reservedPrefixes: readonly string[] = ["system:", "eks:", "aws:", "amazon:", "iam:"];
const sessionTemplates: readonly string[] = ["{{SessionName}}", "{{SessionNameRaw}}"];

/** The templates in a name except the allowed ones, including those that the authenticator does not know. */
function foreignTemplates(name: string, allowed: readonly string[]): string[] {
  const known = knownTemplates.filter((template) => name.includes(template) && !allowed.includes(template));
  return [...known, ...unknownTemplates(name)];
}

function reservedPrefixOf(name: string): string | undefined {
  return reservedPrefixes.find((reserved) => name.startsWith(reserved));
}

/** An unknown template in a live map may contain arbitrary text. */
function quotedTemplate(template: string): string {
  return knownTemplates.some((known) => known === template) ? template : quoted(template);
}
