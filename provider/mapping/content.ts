import type { Problem } from "../errors";
import { printable } from "../text/text";
import { parseIamArn } from "./arn";
import type { Content } from "./mapping";

/** Members have all rights: the API server skips authorization by roles for them. */
export const superusers = "system:masters";

/** The API server adds every user that logs in. */
export const authenticated = "system:authenticated";

export const unauthenticated = "system:unauthenticated";

/** A member that has a node's username is a node. */
export const nodesGroup = "system:nodes";

/** Allows a node to request its certificate. */
export const bootstrappers = "system:bootstrappers";

/** Only for Fargate nodes, on which kube-proxy runs as the node. */
export const nodeProxiers = "system:node-proxier";

/** Only for Windows nodes: grants their kube-proxy its rights. */
export const windowsNodesGroup = "eks:kube-proxy-windows";

/** A content as far as it is known, and its principal. */
interface KnownContent {
  readonly arn?: string | undefined;
  /** Empty for none; undefined if unknown. */
  readonly username: string | undefined;
  readonly groups: readonly string[];
}

type ContentProblem = Problem<"node-template" | "whitespace" | "node-username", "username" | "groups">;

/** @param bound the groups in the cluster's bindings, whose whitespace is intended. */
export function contentProblems(content: KnownContent, bound: ReadonlySet<string> = new Set()): ContentProblem[] {
  const { arn, username, groups } = content;
  const names: readonly CheckedName[] = [
    ...(username === undefined ? [] : [{ place: "username", subject: "username", name: username } as const]),
    ...[...new Set(groups)].map((name) => ({ place: "groups", subject: "group", name }) as const),
  ];
  return [
    ...names.flatMap((name) => (arn === undefined ? [] : templateProblem(name, arn))),
    ...names.flatMap((name) => (name.place === "groups" && bound.has(name.name) ? [] : whitespaceProblem(name))),
    ...nodeUsernameProblem(content),
  ];
}

/** Whitespace around a name: an error in a resource, a warning in an existing map. */
export const outerWhitespace = {
  text: "has leading or trailing whitespace, which Kubernetes does not ignore",
  remedy: "remove it",
} as const;

interface CheckedName {
  readonly place: ContentProblem["place"];
  readonly subject: "username" | "group";
  readonly name: string;
}

const nodeTemplate = "{{EC2PrivateDNSName}}";
const nodePrefix = "system:node:";

/** Whether a mapping is meant for nodes, with any username. */
export function isForNodes({ groups }: Pick<Content, "groups">): boolean {
  return groups.includes(nodesGroup);
}

/** Whether a mapping is meant for administrators or nodes, so that its loss may lock out everyone. */
export function isForAdministratorsOrNodes({ groups }: Pick<Content, "groups">): boolean {
  return groups.includes(superusers) || isForNodes({ groups });
}

/** Whether a user is a node: Kubernetes identifies it by both its group and its username. */
export function isNode({ username, groups }: Content): boolean {
  return isForNodes({ groups }) && username.startsWith(nodePrefix);
}

/** The authenticator looks up the EC2 instance by session name, which IAM users and root do not have. */
function templateProblem({ place, subject, name }: CheckedName, arn: string): ContentProblem[] {
  if (!name.includes(nodeTemplate) || hasSessions(arn)) {
    return [];
  }
  const text = `${subject} ${JSON.stringify(name)} contains ${nodeTemplate}, which is available only to roles of EC2 instances, so the authenticator rejects all logins of ${JSON.stringify(arn)}`;
  const remedy = `map the role of the instances, or remove ${nodeTemplate}`;
  return [{ code: "node-template", place, text, remedy }];
}

function hasSessions(arn: string): boolean {
  return parseIamArn(arn)?.kind !== "user" && !/:root$/i.test(arn);
}

function whitespaceProblem({ place, subject, name }: CheckedName): ContentProblem[] {
  const named = `${subject} ${JSON.stringify(name)}`;
  if (name.trim() !== name) {
    return [{ code: "whitespace", place, text: `${named} ${outerWhitespace.text}`, remedy: outerWhitespace.remedy }];
  }
  const [rule, remedy] =
    place === "username"
      ? ["and bindings must use exactly the same name", "remove it if it is not intended"]
      : ["but is only one group", "list groups separately if several are intended"];
  return /\s/.test(name) ? [{ code: "whitespace", place, text: `${named} contains whitespace, ${rule}`, remedy }] : [];
}

function nodeUsernameProblem({ arn, username, groups }: KnownContent): ContentProblem[] {
  if (username === undefined || !isForNodes({ groups }) || isNode({ username, groups })) {
    return [];
  }
  const given = username === "" ? "there is no username" : `username is ${JSON.stringify(username)}`;
  const text = `group "${nodesGroup}" makes a user a node only if the username starts with "${nodePrefix}", but ${given}`;
  const isUser = arn !== undefined && !hasSessions(arn);
  const remedy = isUser ? "" : `use username ${JSON.stringify(`${nodePrefix}${nodeTemplate}`)}, or `;
  return [{ code: "node-username", place: "groups", text, remedy: `${remedy}remove the group` }];
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
const anyTemplate = /\{\{(?!\{)[^{}]*\}{0,2}/g;

/** Returns up to ten distinct unknown templates of a username or group. */
export function unknownTemplates(text: string): readonly string[] {
  const known = new Set<string>(knownTemplates);
  return [...new Set(text.match(anyTemplate))].filter((template) => !known.has(template)).slice(0, 10);
}

/** Whether Kubernetes or EKS itself grants rights to a group. */
export function isBuiltInGroup(group: string): boolean {
  return (
    builtInGroups.includes(group) ||
    group.startsWith("system:serviceaccounts:") ||
    group.startsWith(`${bootstrappers}:`)
  );
}

const builtInGroups: readonly string[] = [
  superusers,
  nodesGroup,
  bootstrappers,
  nodeProxiers,
  authenticated,
  unauthenticated,
  "system:monitoring",
  "system:serviceaccounts",
  windowsNodesGroup,
];

/** The names with invisible characters. Pulumi prints imported values without escaping. */
export function hiddenTexts({ username, groups }: Content): readonly string[] {
  return [username, ...groups].filter((text) => printable(text) !== text);
}
