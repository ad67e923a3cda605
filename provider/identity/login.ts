import {
  type AccessEntryContent,
  hasOwnUser,
  isAdministratorPolicy,
  policyName,
  usernameOf,
} from "../accessEntries/accessEntry";
import type { MapEntry } from "../awsAuthMap";
import {
  bootstrappers,
  type Content,
  isForNodes,
  nodeProxiers,
  nodesGroup,
  superusers,
  windowsNodesGroup,
} from "../mapping";
import type { Identity } from "./identity";

/** The name of a user or a group; a template if it is not completely known before the login. */
export type LoginName = string | { test(name: string): boolean; toString(): string };

export interface User {
  readonly username: LoginName;
  /** The groups from the login, without `system:authenticated`. */
  readonly groups: readonly LoginName[];
}

export interface Login<Entry extends AccessEntryContent = AccessEntryContent> {
  /** The entry of aws-auth in force; undefined if an access entry or none is in force. */
  readonly entry?: MapEntry | undefined;
  readonly accessEntry?: Entry | undefined;
  /** The content of the entry in force, with unexpanded templates; undefined if there is none. */
  readonly given?: Content | undefined;
  /** The Kubernetes user; undefined if the login is refused. */
  readonly user: User | undefined;
  /** Why the login is refused although an entry applies, as a clause. */
  readonly refusal?: string | undefined;
}

/** The result of a login by an entry of aws-auth; undefined if no entry matches. */
export function mapLogin(entry: MapEntry | undefined, identity: Identity): Login<never> {
  if (entry === undefined) {
    return { user: undefined };
  }
  // An account entry maps each identity to its own ARN as username.
  const user = entry.key === "mapAccounts" ? { username: identity.arn, groups: [] } : userOf(entry, identity);
  return { entry, given: entry, user };
}

export function entryLogin<Entry extends AccessEntryContent>(accessEntry: Entry, identity: Identity): Login<Entry> {
  const given = userTemplateOf(accessEntry);
  return { accessEntry, given, user: accessEntry.death === undefined ? userOf(given, identity) : undefined };
}

/** The username and groups of an access entry, without its policies. */
export function userTemplateOf(content: AccessEntryContent): Content {
  const { groups } = content;
  return {
    username: usernameOf(content) || "system:node:{{SessionName}}",
    // EKS grants nodes their rights regardless of the groups that it shows.
    groups: hasOwnUser(content) || isForNodes(content) ? groups : [...groups, nodesGroup],
  };
}

/** The groups of aws-auth that correspond to the other rights of an access entry, such as those of administrators and nodes. */
export function impliedGroups(content: AccessEntryContent | undefined): readonly string[] {
  const { policies, type } = content ?? { policies: [], type: "STANDARD" };
  const byPolicy = policies.map((policy) => {
    const { policyArn, scope } = policy;
    const where = scope.type === "cluster" ? "" : ` in ${[...scope.namespaces].sort().join(", ")}`;
    return isAdministratorPolicy(policy) ? superusers : `access policy ${policyName(policyArn)}${where}`;
  });
  const special = type === "EC2_WINDOWS" ? [windowsNodesGroup] : type === "FARGATE_LINUX" ? [nodeProxiers] : [];
  return type === "STANDARD" ? byPolicy : [...byPolicy, bootstrappers, ...special];
}

export function groupsWithImplied({ user, accessEntry }: Login): readonly string[] {
  return [...(user?.groups ?? []).map(String), ...impliedGroups(accessEntry)];
}

/** The user with templates expanded as far as the identity determines them; undefined if the authenticator refuses the login. */
function userOf({ username, groups }: Content, identity: Identity): User | undefined {
  const session = sessionOf(identity);
  const isNode = [username, ...groups].some((text) => text.includes("{{EC2PrivateDNSName}}"));
  if (isNode && session !== undefined && !instanceId.test(session)) {
    return undefined;
  }
  const fill = (text: string) => nameOf(fillIn(text, identity.account, session));
  return { username: fill(username), groups: groups.map(fill) };
}

/** The session name; undefined for the ARN of a role, whose sessions may have any name. */
function sessionOf({ kind, name, sessionName }: Identity): string | undefined {
  return kind === "role" ? sessionName : kind === "federatedUser" ? name : "";
}

/** The authenticator expands one kind of template after another; no inserted value contains braces. */
function fillIn(text: string, account: string, session: string | undefined): string {
  const known = [
    ["{{AccountID}}", account],
    ["{{SessionName}}", session?.replaceAll("@", "-")],
    ["{{SessionNameRaw}}", session],
  ] as const;
  return known.reduce((rest, [template, value]) => {
    return value === undefined ? rest : rest.split(template).join(value);
  }, text);
}

function nameOf(text: string): LoginName {
  if (!unfilledTemplate.test(text)) {
    return text;
  }
  // Comparing all four templates with a name may take minutes, so such a text may be any name.
  const isLong = new Set(text.split(/(?={{)|(?<=}})/).filter((part) => unfilledTemplate.test(part))).size > 3;
  return { test: (name) => isLong || mayExpandTo(text, name), toString: () => text };
}

/** Whether a text may become a name at a login. A template expands to the same value each time. */
function mayExpandTo(text: string, name: string): boolean {
  const [template] = unfilledTemplate.exec(text) ?? [];
  if (template === undefined) {
    return text === name;
  }
  const parts = text.split(template);
  const [start = "", ...rest] = parts;
  const known = parts.join("");
  // The length of the name determines that of the last template, and no value is longer than 253, so that a hostile name takes little time.
  const lengths = unfilledTemplate.test(known)
    ? Array.from({ length: Math.min(name.length, 253) }, (_, index) => index + 1)
    : [(name.length - known.length) / rest.length];
  const isPossible = (value: string) => values[template]?.test(value) && mayExpandTo(parts.join(value), name);
  const end = name.slice(start.length);
  return name.startsWith(start) && lengths.some((length) => isPossible(end.slice(0, length)));
}

/** The possible values of each template, following AWS's rules for names of sessions, hosts and keys. */
const values: Readonly<Record<string, RegExp>> = {
  "{{EC2PrivateDNSName}}": /^[\w.-]{1,253}$/,
  "{{SessionName}}": /^[\w+=,.-]{2,64}$/,
  "{{SessionNameRaw}}": /^[\w+=,.@-]{2,64}$/,
  "{{AccessKeyID}}": /^\w{16,128}$/,
};

const unfilledTemplate = /\{\{(?:EC2PrivateDNSName|SessionName|SessionNameRaw|AccessKeyID)\}\}/;

const instanceId = /^i-(?:\w{8}|\w{17})$/;
