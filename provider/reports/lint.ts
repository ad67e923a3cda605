import {
  hasOwnUser,
  isServiceLinkedRole,
  type LiveAccessEntry,
  notInIam,
  policyName,
} from "../accessEntries/accessEntry";
import type { LastWrite } from "../awsAuthMap";
import { ownersIn } from "../claims";
import type { Problem } from "../errors";
import type { Login } from "../identity/login";
import type { EntryPosition } from "../identity/placedEntry";
import {
  type Content,
  contentProblems,
  isBuiltInGroup,
  isNode,
  knownTemplates,
  parseIamArn,
  principalKey,
  unknownTemplates,
} from "../mapping";
import { type Authorizer, mayBe } from "../rights/authorizer";
import { quoted } from "../text/text";
import { successorRemedy } from "./iamFindings";
import { isMissingPrincipal, type LiveCluster } from "./readCluster";

/**
 * The severity of a problem.
 *
 * - `error`: the entry has no effect, or a wrong one
 * - `warning`: risky
 * - `note`: something was not checked, or may not be needed
 */
export type LintSeverity = "error" | "warning" | "note";

/** The rule that an entry violates, for use in scripts. */
export type LintRule =
  | "unreadable-key"
  | "key-name"
  | "never-matches"
  | "missing"
  | "stale-sso"
  | "dead"
  | "node-policy"
  | "shadowed"
  | "undecided"
  | "account-root"
  | "field"
  | "no-rights"
  | "template"
  | "node"
  | "whitespace"
  | "unbound-group"
  | "claim-without-entry"
  | "not-used"
  | "not-checked";

/** The location of a problem in a map: empty for the whole map, only the ARN for an access entry. */
export interface LintPlace extends Partial<EntryPosition> {
  readonly arn?: string | undefined;
}

/** A mistake in a map or an access entry that affects access. */
export interface LintProblem extends Problem<LintRule, LintPlace> {
  readonly severity: LintSeverity;
  /** That of the access entry, or of the key of aws-auth. */
  readonly lastWrite?: LastWrite | undefined;
}

/** What is known of a cluster. A rule about something undefined reports nothing. */
export interface LintFacts extends Pick<LiveCluster, "data" | "access">, Partial<Pick<LiveCluster, "principals">> {
  readonly bound?: Pick<Authorizer, "groups" | "users"> | undefined;
  /** The roles of managed node groups, Fargate profiles and the node pools of Auto Mode, by `principalKey`. */
  readonly nodeRoles?: ReadonlySet<string> | undefined;
}

export function problemAt(
  place: LintPlace,
  ...[code, severity, text, remedy]: [LintRule, LintSeverity, text: string, remedy?: string]
): LintProblem {
  return { code, severity, place, text, ...(remedy !== undefined && { remedy }) };
}

/** Checks an entry of either place by the resulting login. EKS sets the users of nodes, and AWS services those of their roles. */
export function lintSubject(place: LintPlace, login: Login<LiveAccessEntry>, facts: LintFacts): LintProblem[] {
  const { accessEntry, given = { username: "", groups: [] }, user } = login;
  const arn = parseIamArn(place.arn ?? "");
  const isOfNodes = accessEntry ? !hasOwnUser(accessEntry) : isNode(given);
  const isOfAws = accessEntry && (isOfNodes || (arn && isServiceLinkedRole(arn)));
  const gone = principalProblems(place, login, facts);
  return [
    ...gone,
    ...(isOfNodes && user && gone.length === 0 ? nodeProblems(place, login, facts) : []),
    ...(isOfAws ? [] : [...noRights(place, given, login, facts), ...contentMistakes(place, given, facts)]),
  ];
}

function principalProblems(place: LintPlace, login: Login<LiveAccessEntry>, { principals }: LintFacts): LintProblem[] {
  const { accessEntry, user } = login;
  const found = principals?.get(principalKey(place.arn ?? ""));
  const isMissing = isMissingPrincipal(found);
  const absence = isMissing ? found.text : notInIam;
  const text = accessEntry?.death ? `this access entry grants no access, since ${accessEntry.death.text}` : absence;
  if (accessEntry?.death?.kind === "recreated") {
    const [owner] = ownersIn(accessEntry);
    const remedy = owner === undefined ? "delete and recreate it" : `run "pulumi up" in the stack of ${quoted(owner)}`;
    return [problemAt(place, "dead", "error", text, remedy)];
  }
  if (accessEntry ? !accessEntry.death : !(isMissing && user)) {
    return [];
  }
  const remedy = isMissing ? successorRemedy(found.successor, accessEntry === undefined, principals) : undefined;
  return remedy === undefined
    ? [problemAt(place, "missing", "error", text, "remove the entry, or correct its ARN")]
    : [problemAt(place, "stale-sso", "error", "IAM Identity Center has replaced this role", remedy)];
}

/** @see https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html */
function nodeProblems(place: LintPlace, { accessEntry }: Login, { nodeRoles, principals }: LintFacts): LintProblem[] {
  const { type, policies = [] } = accessEntry ?? {};
  const isJoining = policies.some(({ policyArn }) => policyName(policyArn) === "AmazonEKSAutoNodePolicy");
  const policy = "Auto Mode nodes with this role cannot join without the access policy AmazonEKSAutoNodePolicy";
  const key = principalKey(place.arn ?? "");
  const { role } = { role: undefined, ...principals?.get(key) };
  const date = role?.lastUsed?.at.toISOString().slice(0, 10);
  const seen = date === undefined ? "records no use of it" : `recorded its last use on ${date}`;
  const others =
    "EKS does not list other nodes, such as self-managed nodes and those of Karpenter or custom node classes";
  const unused = "no managed node group, Fargate profile or built-in node pool uses this role";
  const text = `${unused}${role === undefined ? "" : `, and IAM ${seen}`} (${others})`;
  const isUsed = nodeRoles === undefined || nodeRoles.has(key) || type === "HYPERPOD_LINUX" || type === "HYBRID_LINUX";
  return [
    ...(type !== "EC2" || isJoining ? [] : [problemAt(place, "node-policy", "error", policy, "associate it")]),
    ...(isUsed ? [] : [problemAt(place, "not-used", "note", text, "remove the entry if no node uses it")]),
  ];
}

/** A username grants rights only if a binding refers to it. */
function noRights(place: LintPlace, given: Content, login: Login, { bound }: LintFacts): LintProblem[] {
  const { user, accessEntry } = login;
  const { username, groups } = given;
  if (groups.length > 0 || (accessEntry && accessEntry.policies.length > 0)) {
    return [];
  }
  if (username === "") {
    const text = "this entry has neither a username nor groups";
    return [problemAt(place, "no-rights", "warning", text, "set one of them")];
  }
  const isUnnamed = user && bound && ![...bound.users].some((name) => mayBe(user.username, name));
  const text = `this entry has only username ${quoted(username)}, which no binding in the cluster refers to`;
  return isUnnamed ? [problemAt(place, "no-rights", "warning", text, "bind a role to it, or set groups")] : [];
}

function contentMistakes(place: LintPlace, { username, groups }: Content, { bound }: LintFacts): LintProblem[] {
  const templates = [username, ...groups].flatMap(unknownTemplates).map((template) => {
    const text = `the authenticator does not expand ${template}`;
    return problemAt(place, "template", "error", text, `use one of ${knownTemplates.join(", ")}`);
  });
  const mistakes = contentProblems({ arn: place.arn, username, groups }, bound?.groups)
    .filter(({ code }) => code !== "node-template")
    .map(({ code, text, remedy }) => problemAt(place, code === "whitespace" ? code : "node", "warning", text, remedy));
  // Without bindings, only groups that look like Kubernetes' own are checked.
  const isUnbound = (group: string) => (bound === undefined ? /^system:/i.test(group) : !bound.groups.has(group));
  const who = bound === undefined ? "Kubernetes has no group" : "no binding in the cluster refers to the group";
  const unbound = [...new Set(groups)]
    .filter((group) => group !== "" && !group.includes("{{") && !isBuiltInGroup(group) && isUnbound(group))
    .map((group) => {
      const text = `${who} ${JSON.stringify(group)}`;
      return problemAt(place, "unbound-group", "warning", text, "bind a role to it, or correct the name");
    });
  return [...templates, ...mistakes, ...unbound];
}
