import {
  authenticated,
  bootstrappers,
  nodeProxiers,
  nodesGroup,
  superusers,
  unauthenticated,
  windowsNodes,
} from "../rbac/groups";
import { printable } from "../text/text";
import { parseIamArn } from "./arn";
import type { Mapping } from "./mapping";

/** What a mapping grants, and to whom. */
export interface Content {
  /** ARN of the role or user; undefined if it is unknown. */
  readonly arn: string | undefined;
  /** The username, or "" for none; undefined if it is unknown. */
  readonly username: string | undefined;
  /** The known groups. */
  readonly groups: readonly string[];
}

/**
 * The rules for usernames and groups, named as in lint.
 *
 * - `node-template`: `{{EC2PrivateDNSName}}` for an identity that never has one
 * - `whitespace`: whitespace in or around a name
 * - `node-username`: `system:nodes` without the username of a node
 */
export type ContentRule = "node-template" | "whitespace" | "node-username";

/** A likely mistake in a username or group. */
export interface ContentProblem {
  readonly rule: ContentRule;
  /** The field with the mistake. */
  readonly property: "username" | "groups";
  /** Whether the authenticator rejects every login with this entry. */
  readonly isRefused: boolean;
  /** One sentence: subject, quoted value, rule, remedy. */
  readonly reason: string;
}

/**
 * Finds likely mistakes in a valid username and valid groups.
 *
 * @param bound groups that the cluster's bindings name, whose whitespace is therefore meant.
 */
export function contentProblems(content: Content, bound: ReadonlySet<string> = new Set()): ContentProblem[] {
  const { username, groups } = content;
  const names: readonly Name[] = [
    ...(username === undefined ? [] : [{ property: "username", subject: "username", text: username } as const]),
    ...[...new Set(groups)].map((text) => ({ property: "groups", subject: "group", text }) as const),
  ];
  const doubtful = names.filter(({ property, text }) => property === "username" || !bound.has(text));
  return [
    ...names.flatMap((name) => templateProblem(name, content.arn)),
    ...doubtful.flatMap(whitespaceProblem),
    ...nodeProblem(content),
  ];
}

/** The message for whitespace around a name: an error in a resource, a warning in an existing map. */
export function describeOuterWhitespace(subject: string): string {
  return `${subject} has whitespace around it, which Kubernetes does not ignore; remove it`;
}

/** A username or a group. */
interface Name {
  readonly property: "username" | "groups";
  readonly subject: "username" | "group";
  readonly text: string;
}

const nodeTemplate = "{{EC2PrivateDNSName}}";
const nodePrefix = "system:node:";

/** The authenticator looks up the EC2 instance by the session name, which users and root do not have. */
function templateProblem({ property, subject, text }: Name, arn: string | undefined): ContentProblem[] {
  if (arn === undefined || !text.includes(nodeTemplate) || hasSessions(arn)) {
    return [];
  }
  const reason = `${subject} ${JSON.stringify(text)} has ${nodeTemplate}, which only a role's session on an EC2 instance has, so the authenticator refuses every login of ${JSON.stringify(arn)}; map the role of the instances, or remove ${nodeTemplate}`;
  return [{ rule: "node-template", property, isRefused: true, reason }];
}

function hasSessions(arn: string): boolean {
  const parsed = parseIamArn(arn);
  return parsed.kind === "invalid" ? parsed.code !== "root" : parsed.kind === "role";
}

function whitespaceProblem({ property, subject, text }: Name): ContentProblem[] {
  const named = `${subject} ${JSON.stringify(text)}`;
  if (text.trim() !== text) {
    return [doubt("whitespace", property, describeOuterWhitespace(named))];
  }
  if (!/\s/.test(text)) {
    return [];
  }
  const reason =
    property === "username"
      ? `${named} has whitespace in it, which a binding has to contain as well; remove it if it is not intended`
      : `${named} has whitespace in it, so it is one group of that name; list each group by itself if several are meant`;
  return [doubt("whitespace", property, reason)];
}

/** Kubernetes identifies a node by its group and its username together. */
function nodeProblem({ arn, username, groups }: Content): ContentProblem[] {
  const isNode = username?.startsWith(nodePrefix) ?? true;
  if (isNode || !groups.includes(nodesGroup)) {
    return [];
  }
  const given = username === "" ? "there is no username" : `username is ${JSON.stringify(username)}`;
  const remedy =
    arn !== undefined && !hasSessions(arn) ? "" : `use username ${JSON.stringify(`${nodePrefix}${nodeTemplate}`)}, or `;
  const reason = `group "${nodesGroup}" makes a user a node only if the username begins with "${nodePrefix}", but ${given}; ${remedy}remove the group`;
  return [doubt("node-username", "groups", reason)];
}

function doubt(rule: ContentRule, property: ContentProblem["property"], reason: string): ContentProblem {
  return { rule, property, isRefused: false, reason };
}

/** The templates that the authenticator expands in usernames and groups, in their exact spelling. */
export const knownTemplates = [
  "{{EC2PrivateDNSName}}",
  "{{AccountID}}",
  "{{SessionName}}",
  "{{SessionNameRaw}}",
  "{{AccessKeyID}}",
] as const;

/** Every `{{...}}`, including unclosed ones. */
export const anyTemplate = /\{\{(?!\{)[^{}]*\}{0,2}/g;

/** Of a text that has more, nobody would read what is said of each. */
const maxUnknownTemplates = 10;

/** Finds unknown templates in a username or group, each once: the first ones, where there are very many. */
export function unknownTemplates(text: string): readonly string[] {
  const known = new Set<string>(knownTemplates);
  return [...new Set(text.match(anyTemplate))].filter((template) => !known.has(template)).slice(0, maxUnknownTemplates);
}

/** Groups to which Kubernetes or EKS itself grants rights. */
const builtInGroups: readonly string[] = [
  superusers,
  nodesGroup,
  bootstrappers,
  nodeProxiers,
  authenticated,
  unauthenticated,
  "system:monitoring",
  "system:serviceaccounts",
  windowsNodes,
];

/** Prefixes of the groups that exist for each namespace or each kind of bootstrap token. */
const groupFamilies: readonly string[] = ["system:serviceaccounts:", `${bootstrappers}:`];

/** Whether Kubernetes or EKS itself grants rights to a group. */
export function isBuiltInGroup(group: string): boolean {
  return builtInGroups.includes(group) || groupFamilies.some((family) => group.startsWith(family));
}

/** The parts of a mapping that have characters that cannot be seen. Pulumi prints what it imports as it is. */
export function hiddenTexts(mapping: Mapping): readonly string[] {
  const texts = mapping.kind === "account" ? [] : [mapping.username ?? "", ...mapping.groups];
  return texts.filter((text) => printable(text) !== text);
}
