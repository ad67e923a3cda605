import type { Problem } from "../errors";
import { authenticated, knownTemplates, superusers, unknownTemplates } from "../mapping";
import { quoted } from "../text/text";

/** Why a mapping cannot be an access entry. */
export type RefusalReason = Required<Pick<Problem, "text" | "remedy">>;

/**
 * The rules that a username violates. Prefixes are case-sensitive, as are those that aws-iam-authenticator reserves.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/set-custom-username.html
 */
export function usernameProblems(username: string): RefusalReason[] {
  const subject = `username ${quoted(username)}`;
  const session = sessionTemplates.map((template) => username.indexOf(template)).filter((at) => at !== -1);
  const hasColon = username.slice(0, Math.min(...session)).includes(":");
  const colonProblem = {
    text: `${subject} has no colon before the session name, but EKS requires one in access entries`,
    remedy: "add a colon, and update the bindings",
  };
  return [
    ...prefixProblem(subject, username, "reserves", "use another username, and update its bindings"),
    ...templateProblems("username", username, sessionTemplates, "access entries"),
    ...(session.length === 0 || hasColon ? [] : [colonProblem]),
  ];
}

/**
 * The rules that a group violates. {@link superusers} violates none, since it has an equivalent.
 *
 * @see https://github.com/aws/karpenter-provider-aws/issues/7558 for the rule of EKS about `system:`.
 */
export function groupProblems(group: string): RefusalReason[] {
  if (group === "") {
    return [{ text: 'group "" is empty, which access entries do not allow', remedy: "remove the group" }];
  }
  const remedy =
    group === authenticated
      ? "remove the group, since Kubernetes adds it to every user"
      : "use another group with the same bindings";
  return [
    ...(group === superusers ? [] : prefixProblem(`group ${quoted(group)}`, group, "refuses", remedy)),
    ...templateProblems("group", group, [], "groups of access entries"),
  ];
}

const reservedPrefixes: readonly string[] = ["system:", "eks:", "aws:", "amazon:", "iam:"];
const sessionTemplates: readonly string[] = ["{{SessionName}}", "{{SessionNameRaw}}"];

function prefixProblem(subject: string, name: string, verb: string, remedy: string): RefusalReason[] {
  const prefix = reservedPrefixes.find((reserved) => name.startsWith(reserved));
  const text = `${subject} starts with "${prefix}", which EKS ${verb} in access entries`;
  return prefix === undefined ? [] : [{ text, remedy }];
}

/** Reports the templates except the allowed ones, including those that the authenticator does not know. */
function templateProblems(noun: string, name: string, allowed: readonly string[], where: string): RefusalReason[] {
  const known = knownTemplates.filter((template) => name.includes(template) && !allowed.includes(template));
  // An unknown template in a live map may contain arbitrary text.
  return [...known, ...unknownTemplates(name).map(quoted)].map((template) => ({
    text: `${noun} ${quoted(name)} contains ${template}, which ${where} may not support`,
    remedy:
      template === "{{AccountID}}"
        ? "replace it with the account ID"
        : `use a ${noun} without it, and update its bindings`,
  }));
}
