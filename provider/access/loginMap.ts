import type { AccessEntryContent, AuthenticationMode } from "../accessEntries";
import { isAdministrator, policyName, usernameOf } from "../accessEntries/accessEntry";
import type { CallerIdentity } from "../authenticator/callerIdentity";
import { candidatesFor, type Login, loginsOf, putFirst } from "../authenticator/resolve";
import { type AwsAuthDocument, type Entry, entriesOf, parseDocument } from "../document";
import { formatArn, parseIamArn, principalKey, withoutPath } from "../mapping";
import { bootstrappers, nodeProxiers, nodesGroup, superusers, windowsNodes } from "../rbac";
import { policyBindings } from "./accessPolicies";

/** Both places of a cluster at one version. */
export interface LoginView<Content extends AccessEntryContent = AccessEntryContent> {
  readonly document: AwsAuthDocument;
  /** The access entries that may let anybody in. A principal has several if nobody knows which of them is dead. */
  readonly entries: readonly Content[];
  /** The cluster's; undefined where the EKS API is not asked. */
  readonly mode: AuthenticationMode | undefined;
}

/**
 * Who logs in as whom, as a map in which access entries stand as entries that win. Their groups end with what stands for policies, so
 * that maps can be compared: `system:masters` for administrators, else a group of the policy's name and scope.
 */
export type LoginMap<Content extends AccessEntryContent = AccessEntryContent> = AwsAuthDocument & {
  readonly winners?: ReadonlyMap<Entry, Content>;
};

/** What one login of an identity may come out as, by aws-auth or by an access entry. */
export interface Admission<Content extends AccessEntryContent = AccessEntryContent> extends Login {
  /** The access entry that counts, for which `entry` stands; undefined: an entry of aws-auth does, or none. */
  readonly accessEntry?: Content | undefined;
}

/** Somebody whom a map may let in: one IAM identity, or all of an account that have no entry of their own. */
export type Member =
  | { readonly kind: "identity"; readonly identity: CallerIdentity }
  | { readonly kind: "account"; readonly account: string };

/**
 * Who logs in as whom, in the cluster's mode: an access entry wins over aws-auth for its principal, and in mode `API` aws-auth does not
 * count.
 */
export function loginMap<Content extends AccessEntryContent>(view: LoginView<Content>): LoginMap<Content> {
  const { document, entries, mode } = view;
  if (mode !== "API" && (mode !== "API_AND_CONFIG_MAP" || entries.length === 0)) {
    return document;
  }
  const winners = new Map(entries.map((content) => [winningEntry(content), content]));
  const principals = new Set([...winners.keys()].map(({ principal }) => principal));
  const left = mode === "API" ? [] : entriesOf(document).filter(({ principal }) => !principals.has(principal));
  // What is left may match a principal by a pattern too.
  const map = { ...mapOf([...left, ...winners.keys()]), winners };
  putFirst(map, [...winners.keys()]);
  return map;
}

/** What the logins of an identity may come out as. */
export function admissionsOf<Content extends AccessEntryContent>(
  map: LoginMap<Content>,
  identity: CallerIdentity,
): readonly Admission<Content>[] {
  return loginsOf(map, identity).map(({ entry, user }) => {
    const accessEntry = entry && map.winners?.get(entry);
    if (accessEntry === undefined || user === undefined) {
      return { entry, user };
    }
    const groups = user.groups.slice(0, asEntry(accessEntry).groups.length);
    return { entry, user: { ...user, groups, policies: policyBindings(accessEntry) }, accessEntry };
  });
}

/** What the logins of a member come out as; those of an account as of somebody whom neither the map nor a binding names. */
export function admissionsIn<Content extends AccessEntryContent>(
  map: LoginMap<Content>,
  member: Member,
): readonly Admission<Content>[] {
  if (member.kind === "identity") {
    return admissionsOf(map, member.identity);
  }
  const [entry] = candidatesFor(map, { arn: "", account: member.account });
  // No binding can name an empty username.
  return [{ entry, user: entry && { username: "", groups: [] } }];
}

/** An access entry in the words of aws-auth, without its policies. */
export function asEntry(content: AccessEntryContent): Entry {
  const { principalArn, type, groups } = content;
  // EKS gives nodes what they need, whatever it shows of their groups.
  const isNode = type !== "STANDARD" && !groups.includes(nodesGroup);
  return {
    key: parseIamArn(principalArn).kind === "user" ? "mapUsers" : "mapRoles",
    arn: principalArn,
    principal: principalKey(principalArn),
    username: usernameOf(content) || nodeName,
    groups: isNode ? [...groups, nodesGroup] : groups,
  };
}

const nodeName = "system:node:{{SessionName}}";

/** The entry that stands for an access entry: matched without a role's path. */
function winningEntry(content: AccessEntryContent): Entry {
  const entry = asEntry(content);
  const arn = parseIamArn(content.principalArn);
  const more = standIns(content).filter((group) => !entry.groups.includes(group));
  return {
    ...entry,
    ...(arn.kind === "role" && { arn: formatArn(withoutPath(arn)) }),
    groups: [...entry.groups, ...more],
  };
}

/** The groups that stand for what an access entry gives besides its own: by its policies, or to nodes, so that they can join. */
export function standIns({ policies, type }: AccessEntryContent): readonly string[] {
  const byPolicy = policies.map((policy) => {
    const { policyArn, scope } = policy;
    const where = scope.type === "cluster" ? "" : ` in ${[...scope.namespaces].sort().join(", ")}`;
    return isAdministrator({ policies: [policy] }) ? superusers : `access policy ${policyName(policyArn)}${where}`;
  });
  const special = type === "EC2_WINDOWS" ? [windowsNodes] : type === "FARGATE_LINUX" ? [nodeProxiers] : [];
  return type === "STANDARD" ? byPolicy : [...byPolicy, bootstrappers, ...special];
}

/** A map of these entries, which has no text. */
export function mapOf(entries: readonly Entry[]): AwsAuthDocument {
  const keyText = (key: Entry["key"]) => ({
    ...nothing[key],
    items: entries.filter((entry) => entry.key === key).map((entry) => ({ lead: "", text: "", value: null, entry })),
  });
  return {
    ...nothing,
    mapRoles: keyText("mapRoles"),
    mapUsers: keyText("mapUsers"),
    mapAccounts: keyText("mapAccounts"),
  };
}

const nothing = parseDocument({});
