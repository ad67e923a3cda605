import { hash } from "node:crypto";
import type { ClusterAccess, LiveAdmission } from "../access/clusterAccess";
import { type OverriddenEntry, overriddenEntries } from "../access/compare";
import { openAccess, readAccess } from "../access/liveAccess";
import { type Person, peopleIn } from "../access/people";
import { describeAccess, describeSource, isEverything, isKnownByName, type Right, rightsOf } from "../access/rights";
import { type ClusterRights, isNode } from "../access/verdict";
import { ownersOf, placeOf } from "../authenticator";
import { ownersIn } from "../claims";
import {
  accountOf,
  type ClusterRef,
  idOf,
  missingManifest,
  type ReadMap,
  readRights,
  type Settings,
  withAccount,
} from "../cluster";
import { type ClusterTarget, type ReadOptions, readClusters } from "../cluster/readClusters";
import { describePosition, type Entry, problemsOf } from "../document";
import { AwsAuthError } from "../errors";
import { mismatchesOf } from "../lint";
import { Authorizer, allows, appliesTo, noObjects, type PolicyRule, type User } from "../rbac";
import { cutShort } from "../text/text";
import { changesSince } from "./changes";
import {
  type AccessReview,
  type EntryEffect,
  hasEffect,
  type ReviewedCluster,
  type ReviewedEntry,
  type ReviewedIdentity,
  type ReviewedRight,
  type ReviewFinding,
  type ReviewRule,
  reviewRules,
  schemaVersion,
} from "./model";

/**
 * Reviews clusters, several at a time. One that cannot be read is listed as unread, and does not stop the others.
 *
 * @param options how they are read, the time, and the earlier review to compare with.
 */
export async function reviewClusters(
  targets: readonly ClusterTarget[],
  options: ReadOptions & { readonly createdAt: Date; readonly since?: AccessReview | undefined },
): Promise<AccessReview> {
  const { createdAt, since } = options;
  const { clusters, unread } = await readClusters(targets, options, reviewCluster);
  return {
    kind: "AccessReview",
    schemaVersion,
    createdAt: createdAt.toISOString(),
    clusters,
    unread,
    ...(since !== undefined && { changes: changesSince({ clusters, unread }, since) }),
  };
}

async function reviewCluster(ref: ClusterRef, settings: Settings): Promise<ReviewedCluster> {
  const missing = missingManifest(ref);
  if (missing !== undefined) {
    throw new AwsAuthError("clusterNotFound", missing);
  }
  const open = await openAccess(ref, settings);
  // Starts together with the reading of the map; it never throws.
  const asked = open.connection === undefined ? undefined : readRights(open.connection);
  const [reported, { map, access, notes }] = await Promise.all([
    open.account(accountOf(ref)),
    readAccess(open, (entries) => entries.all()),
  ]).finally(() => asked);
  const account = reported ?? accountOf(ref);
  return {
    id: idOf(withAccount(ref, account)),
    name: map.label,
    ...(access.mode !== undefined && { authenticationMode: access.mode }),
    ...reviewOne({ access, rights: await asked, account }),
    notes: [...notesOn(map), ...(access.unread === undefined ? notes : [])],
  };
}

function notesOn({ warnings, isThere, connection }: ReadMap): string[] {
  return [
    ...warnings,
    ...(isThere ? [] : ["there is no ConfigMap kube-system/aws-auth"]),
    ...(connection === undefined ? ["a manifest has no bindings, so rights are those of system:masters only"] : []),
  ];
}

/** What is known of a cluster. */
export interface AccessToReview {
  readonly access: ClusterAccess;
  /** Undefined for a manifest, which has no bindings. */
  readonly rights?: ClusterRights | undefined;
  /** The account of the cluster, if it is known. */
  readonly account?: string | undefined;
}

interface Context extends AccessToReview {
  readonly authorizer: Authorizer;
  readonly overridden: ReadonlyMap<Entry, OverriddenEntry>;
}

/** Everyone in aws-auth or with an access entry, and what could not be read. */
export function reviewOne(known: AccessToReview): Pick<ReviewedCluster, "identities" | "unknown"> {
  const { access, rights } = known;
  const { document, unread } = access;
  const authorizer = rights?.authorizer ?? new Authorizer(noObjects);
  const context = { ...known, authorizer, overridden: overriddenEntries(access) };
  const identities = peopleIn(access, authorizer).map((person) => reviewPerson(person, context));
  return {
    identities: identities.sort((a, b) => rank(a) - rank(b)),
    unknown: [
      ...problemsOf(document).map((problem) => {
        const place = describePosition(document.origin, problem.key, problem);
        return `the entries of ${problem.key} are unknown: ${place}: ${problem.reason}`;
      }),
      ...(unread === undefined ? [] : [`access entries are unknown: ${unread}`]),
      ...(rights?.unread === undefined ? [] : [`rights are unknown, except those of system:masters: ${rights.unread}`]),
    ],
  };
}

/** The place of an identity in the order of risk; within one rule, the order of the map stays. */
function rank({ findings: [first] }: ReviewedIdentity): number {
  return first === undefined ? reviewRules.length : reviewRules.indexOf(first.rule);
}

/** An entry with what only its review needs. */
interface JudgedEntry {
  readonly entry: ReviewedEntry;
  readonly user: User | undefined;
  readonly rights: readonly Right[];
  /** Why the entry has no effect; undefined if it has one, or repeats what counts. */
  readonly flaw: string | undefined;
}

function reviewPerson({ identity, logins, entries }: Person, context: Context): ReviewedIdentity {
  const judged = [
    ...logins.flatMap((login): JudgedEntry[] => {
      const { accessEntry } = login;
      if (accessEntry === undefined) {
        return [];
      }
      const { type, username, groups } = accessEntry;
      const place = type === "STANDARD" ? "access entry" : `access entry ${type}`;
      const content = { place, username, groups, owners: ownersIn(accessEntry) };
      return [judge(content, effectOf(login, logins), undefined, login.user, context)];
    }),
    ...entries.map((placed): JudgedEntry => {
      const { entry } = placed;
      const login = logins.find((one) => one.entry === entry);
      const [dead] = mismatchesOf(entry);
      const effect = dead === undefined ? effectOf(login, logins) : "dead";
      // An account gives each of its identities its own ARN as username.
      const username = entry.key === "mapAccounts" && identity.startsWith("arn:") ? identity : entry.username;
      const owners = ownersOf(context.access.document, entry);
      const content = { place: placeOf(placed), username, groups: entry.groups, owners };
      const isRepeated = context.overridden.get(entry)?.isEqual === true;
      const flaw = dead ?? (hasEffect({ effect }) || isRepeated ? undefined : "another entry counts");
      return judge(content, effect, flaw, dead === undefined ? login?.user : undefined, context);
    }),
  ].sort((a, b) => effects.indexOf(a.entry.effect) - effects.indexOf(b.entry.effect));
  return { identity, entries: judged.map(({ entry }) => entry), findings: findingsOn(identity, judged, context) };
}

const effects: readonly EntryEffect[] = ["counts", "mayCount", "shadowed", "dead"];

function effectOf(login: LiveAdmission | undefined, logins: readonly LiveAdmission[]): EntryEffect {
  if (login !== undefined) {
    return logins.length === 1 ? "counts" : "mayCount";
  }
  return logins.some(({ entry }) => entry !== undefined) ? "shadowed" : "dead";
}

function judge(
  content: Omit<ReviewedEntry, "effect" | "rights">,
  effect: EntryEffect,
  flaw: string | undefined,
  user: User | undefined,
  { authorizer }: Context,
): JudgedEntry {
  const rights = user === undefined ? [] : rightsOf(user, authorizer);
  const ofNode = user !== undefined && isNode(user) ? [{ access: "what a node needs", by: "Node authorizer" }] : [];
  return { entry: { ...content, effect, rights: [...rights.map(reviewRight), ...ofNode] }, user, rights, flaw };
}

function reviewRight(right: Right): ReviewedRight {
  const digest = right.rules === undefined || isKnownByName(right) ? undefined : digestOf(right.rules);
  const [access, by] = [describeAccess(right), describeSource(right)];
  return { access, by, ...(digest !== undefined && { rules: digest }) };
}

/** A fingerprint of rules in any order: those of an aggregated role have none of their own. */
function digestOf(rules: readonly PolicyRule[]): string {
  const texts = rules.map((rule) => JSON.stringify(rule)).sort();
  return hash("sha256", texts.join("\n")).slice(0, 12);
}

function findingsOn(identity: string, judged: readonly JudgedEntry[], context: Context): ReviewFinding[] {
  const rights = judged.flatMap((one) => one.rights);
  const everything = rights.find((right) => right.namespace === undefined && isEverything(right));
  const unclaimed = judged.flatMap(({ entry }) => (entry.owners.length === 0 ? [entry.place] : []));
  const flaws = judged.flatMap(({ entry, flaw }) => (flaw === undefined ? [] : [`${entry.place} (${flaw})`]));
  const found: readonly (readonly [ReviewRule, string | undefined])[] = [
    ["everything", everything && `may do everything in the cluster, by ${describeSource(everything)}`],
    // Of an administrator, these go without saying.
    ["escalation", everything === undefined ? escalation(rights, context) : undefined],
    ["secrets", everything === undefined ? allSecrets(judged, context) : undefined],
    ["account", foreign(identity, judged, context)],
    ["unclaimed", listed("no stack claims", unclaimed)],
    ["no-effect", listed("has entries without effect:", flaws)],
  ];
  return found.flatMap(([rule, message]) => (message === undefined ? [] : [{ rule, message }]));
}

const rbac = "rbac.authorization.k8s.io";

/** What gives more rights than a role itself has. */
const ways: readonly (readonly [way: string, verbs: string[], group: string, resources: string[]])[] = [
  ["escalate roles", ["escalate"], rbac, ["clusterroles", "roles"]],
  ["bind roles", ["bind"], rbac, ["clusterroles", "roles"]],
  ["impersonate others", ["impersonate"], "", ["users", "groups", "serviceaccounts"]],
  ["write aws-auth", ["update", "patch"], "", ["configmaps"]],
];

/** The service accounts of kube-system have the rights of the whole cluster, as aws-auth gives them. */
function escalation(rights: readonly Right[], { access }: Context): string | undefined {
  const place = { subresource: "", name: "aws-auth", namespace: "kube-system" };
  const reached = (right: Right) =>
    ways.filter(([way, verbs, group, resources]) => {
      const isMap = way === "write aws-auth";
      const requests = verbs.flatMap((verb) => resources.map((resource) => ({ ...place, verb, group, resource })));
      const rules = isMap ? right.rules : right.rules?.map((rule) => ({ ...rule, resourceNames: [] }));
      return !(isMap && access.mode === "API") && rules?.some((rule) => requests.some((asked) => allows(rule, asked)));
    });
  const found = rights
    .filter(({ namespace = "" }) => appliesTo({ namespace }, { verb: "", group: "", resource: "", ...place }))
    .flatMap((right) => reached(right).map(([way]) => ({ way, by: describeSource(right) })));
  const all = [...new Set(found.map(({ way }) => way))];
  return found[0] && `may give itself more rights (${all.join(", ")}), by ${found[0].by}`;
}

function allSecrets(judged: readonly JudgedEntry[], { authorizer }: Context): string | undefined {
  const secrets = { group: "", resource: "secrets", subresource: "", name: "", namespace: "" };
  const [grant] = judged.flatMap(({ user, rights }) =>
    user === undefined || rights.length === 0
      ? []
      : ["get", "list", "watch"].flatMap((verb) => authorizer.grantsFor(user, { ...secrets, verb })),
  );
  return grant && "reads the secrets of all namespaces";
}

/** Who may assume a role, or has the keys of a user, is decided in its own account. */
function foreign(identity: string, judged: readonly JudgedEntry[], { account }: Context): string | undefined {
  const [, whole, own = whole] = /^(?:account (\d{12})|arn:[^:]*:\w+::(\d{12}):.*)$/.exec(identity) ?? [];
  if (own === undefined || !judged.some(({ entry }) => hasEffect(entry))) {
    return undefined;
  }
  if (whole !== undefined) {
    return `is every identity of account ${own}`;
  }
  return account === undefined || own === account ? undefined : `is of account ${own}, which decides who may use it`;
}

/** Names a few entries, however many there are. */
function listed(verb: string, places: readonly string[]): string | undefined {
  return places.length === 0 ? undefined : `${verb} ${cutShort(places, 3)}`;
}
