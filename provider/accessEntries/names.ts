import { anyTemplate, type IamArn, knownTemplates, unknownTemplates } from "../mapping";
import { authenticated, superusers } from "../rbac";
import { quoted } from "../text/text";

/**
 * Why EKS refuses a username or a group in an access entry.
 *
 * - `reservedUsername`: a username with a prefix that EKS keeps for itself
 * - `sessionTemplate`: `{{SessionName}}` without a colon before it
 * - `template`: a template that is not documented for access entries
 * - `reservedGroup`: a group with a prefix that EKS keeps for itself
 * - `emptyGroup`: a group without a name
 */
export type NameProblemCode = "reservedUsername" | "sessionTemplate" | "template" | "reservedGroup" | "emptyGroup";

export interface NameProblem {
  readonly code: NameProblemCode;
  readonly reason: string;
  /** A clause: what to do. Without the proposal of another name. */
  readonly remedy: string;
}

/**
 * The rules that a username breaks. Letter case counts, as it does for the prefixes that aws-iam-authenticator reserves for the same
 * kind of entry.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/set-custom-username.html
 */
export function usernameProblems(username: string): NameProblem[] {
  const subject = `username ${quoted(username)}`;
  const prefix = reservedPrefixOf(username);
  const session = sessionTemplates.map((template) => username.indexOf(template)).filter((at) => at !== -1);
  const problems: NameProblem[] = [];
  if (prefix !== undefined) {
    problems.push({
      code: "reservedUsername",
      reason: `${subject} begins with "${prefix}", which EKS keeps for itself in an access entry`,
      remedy: "give another username, in the bindings that name it as well",
    });
  }
  for (const template of foreignTemplates(username, sessionTemplates)) {
    problems.push({
      code: "template",
      reason: `${subject} has ${quotedTemplate(template)}, which is not known to work in an access entry`,
      remedy:
        template === "{{AccountID}}"
          ? "write the account ID itself, which gives the same name"
          : "give a username without it, in the bindings that name it as well",
    });
  }
  if (session.length > 0 && !username.slice(0, Math.min(...session)).includes(":")) {
    problems.push({
      code: "sessionTemplate",
      reason: `${subject} has no colon before the session name, which EKS demands in an access entry`,
      remedy: "put a colon somewhere before it, in the bindings that name it as well",
    });
  }
  return problems;
}

/**
 * The rules that a group breaks. The {@link superusers} breaks none, since it has an equivalent.
 *
 * @see https://github.com/aws/karpenter-provider-aws/issues/7558 for what EKS says of `system:`.
 */
export function groupProblems(group: string): NameProblem[] {
  if (group === "") {
    return [
      { code: "emptyGroup", reason: 'group "" is empty, which no access entry can have', remedy: "remove the group" },
    ];
  }
  const subject = `group ${quoted(group)}`;
  const prefix = group === superusers ? undefined : reservedPrefixOf(group);
  const problems: NameProblem[] = [];
  if (prefix !== undefined) {
    problems.push({
      code: "reservedGroup",
      reason: `${subject} begins with "${prefix}", which EKS refuses in an access entry`,
      remedy:
        group === authenticated
          ? "remove the group: Kubernetes gives it to everybody who logs in"
          : "use a group of your own, with a binding to what this one is bound to",
    });
  }
  for (const template of foreignTemplates(group, [])) {
    problems.push({
      code: "template",
      reason: `${subject} has ${quotedTemplate(template)}, which is not known to work in a group of an access entry`,
      remedy:
        template === "{{AccountID}}"
          ? "write the account ID itself, which gives the same group"
          : "use a group without it, with a binding of its own",
    });
  }
  return problems;
}

/** A username that an access entry may have, as near to a refused one as possible. */
export function proposeUsername(username: string, { kind, account, name }: IamArn): string {
  const ofSession = kind === "role" ? "{{SessionName}}" : "";
  const known = username
    .replaceAll("{{AccountID}}", account)
    .replaceAll("{{AccessKeyID}}", ofSession)
    .replaceAll("{{EC2PrivateDNSName}}", ofSession);
  const free = withoutReserved(withoutTemplates(known, sessionTemplates));
  const proposal = withColon(free, name) || name;
  return usernameProblems(proposal).length === 0 ? proposal : name;
}

/** Groups that an access entry may have, as near to refused ones as possible. */
export function proposeGroups(groups: readonly string[], { account, name }: IamArn): string[] {
  const proposals = groups.flatMap((group) => {
    if (group === "" || group === authenticated) {
      return [];
    }
    if (groupProblems(group).length === 0) {
      return [group];
    }
    const fixed = withoutTemplates(group.replaceAll("{{AccountID}}", account), [])
      // A separator is left over where a template was.
      .replace(/^[-_./@ ]+|(?<![-_:./@ ])[-_:./@ ]+$/g, "");
    const proposal = withoutReserved(fixed) || name;
    return [groupProblems(proposal).length === 0 ? proposal : name];
  });
  return [...new Set(proposals)];
}

/** The username and groups that are like a reserved one but for their letter case, so that EKS may or may not refuse them. */
export function nearlyReserved(username: string, groups: readonly string[]): string[] {
  return [username, ...groups].filter(
    (name) => reservedPrefixOf(name) === undefined && reservedPrefixOf(name.toLowerCase()) !== undefined,
  );
}

/** Those of usernames and of groups. */
const reservedPrefixes: readonly string[] = ["system:", "eks:", "aws:", "amazon:", "iam:"];
const sessionTemplates: readonly string[] = ["{{SessionName}}", "{{SessionNameRaw}}"];

/** The templates in a name, other than the allowed ones; also those that the authenticator does not know. */
function foreignTemplates(name: string, allowed: readonly string[]): string[] {
  const known = knownTemplates.filter((template) => name.includes(template) && !allowed.includes(template));
  return [...known, ...unknownTemplates(name)];
}

function withoutTemplates(name: string, allowed: readonly string[]): string {
  return name.replace(anyTemplate, (template) => (allowed.includes(template) ? template : ""));
}

function reservedPrefixOf(name: string): string | undefined {
  return reservedPrefixes.find((reserved) => name.startsWith(reserved));
}

function withoutReserved(name: string): string {
  return name.replace(new RegExp(`^(?:${reservedPrefixes.join("|")})+`, "i"), "");
}

/** The same username with a colon before its session name, if it has one. */
function withColon(username: string, name: string): string {
  if (!usernameProblems(username).some(({ code }) => code === "sessionTemplate")) {
    return username;
  }
  const at = Math.min(
    ...sessionTemplates.map((template) => username.indexOf(template)).filter((index) => index !== -1),
  );
  const before = username.slice(0, at).replace(/(?<![-_./@ ])[-_./@ ]+$/, "") || name;
  const isReserved = reservedPrefixes.includes(`${before.toLowerCase()}:`);
  return `${isReserved ? "user-" : ""}${before}:${username.slice(at)}`;
}

/** An unknown template of a live map may hold anything. */
function quotedTemplate(template: string): string {
  return knownTemplates.some((known) => known === template) ? template : quoted(template);
}
