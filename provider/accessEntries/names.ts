import { authenticated, knownTemplates, superusers, unknownTemplates } from "../mapping";
import { quoted } from "../text/text";
import type { NameProblem } from "./translation";

/**
 * The rules that a username violates. Prefixes are case-sensitive, as are those that aws-iam-authenticator reserves.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/set-custom-username.html
 */
export function usernameProblems(username: string): NameProblem[] {
  const subject = `username ${quoted(username)}`;
  const prefix = reservedPrefixOf(username);
  const session = sessionTemplates.map((template) => username.indexOf(template)).filter((at) => at !== -1);
  const problems = foreignTemplates(username, sessionTemplates).map((template) => ({
    reason: `${subject} has ${quotedTemplate(template)}, which is not known to work in an access entry`,
    remedy:
      template === "{{AccountID}}"
        ? "write the account ID itself, which gives the same name"
        : "give a username without it, in the bindings that name it as well",
  }));
  if (prefix !== undefined) {
    problems.unshift({
      reason: `${subject} begins with "${prefix}", which EKS keeps for itself in an access entry`,
      remedy: "give another username, in the bindings that name it as well",
    });
  }
  if (session.length > 0 && !username.slice(0, Math.min(...session)).includes(":")) {
    problems.push({
      reason: `${subject} has no colon before the session name, which EKS demands in an access entry`,
      remedy: "put a colon somewhere before it, in the bindings that name it as well",
    });
  }
  return problems;
}

/**
 * The rules that a group violates. {@link superusers} violates none, since it has an equivalent.
 *
 * @see https://github.com/aws/karpenter-provider-aws/issues/7558 for the rule of EKS about `system:`.
 */
export function groupProblems(group: string): NameProblem[] {
  if (group === "") {
    return [{ reason: 'group "" is empty, which no access entry can have', remedy: "remove the group" }];
  }
  const subject = `group ${quoted(group)}`;
  const prefix = group === superusers ? undefined : reservedPrefixOf(group);
  const problems = foreignTemplates(group, []).map((template) => ({
    reason: `${subject} has ${quotedTemplate(template)}, which is not known to work in a group of an access entry`,
    remedy:
      template === "{{AccountID}}"
        ? "write the account ID itself, which gives the same group"
        : "use a group without it, with a binding of its own",
  }));
  if (prefix !== undefined) {
    problems.unshift({
      reason: `${subject} begins with "${prefix}", which EKS refuses in an access entry`,
      remedy:
        group === authenticated
          ? "remove the group: Kubernetes gives it to every user"
          : "use a group of your own, with a binding to what this one is bound to",
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
