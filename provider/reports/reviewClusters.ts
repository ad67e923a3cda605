import { hash } from "node:crypto";
import { isServiceLinkedRole } from "../accessEntries/accessEntry";
import type { MapEntry } from "../awsAuthMap";
import { ownersIn } from "../claims";
import { type ClusterRef, reportIdOf } from "../cluster/clusterRef";
import type { Settings } from "../cluster/settings";
import { describeProblem } from "../errors";
import type { ClusterAccess } from "../identity/clusterAccess";
import { identitiesIn, type MappedIdentity } from "../identity/identitiesIn";
import { neverMatchesBecause } from "../identity/identity";
import type { Login } from "../identity/login";
import { ownershipOf, ownerTexts, placeOf } from "../identity/placedEntry";
import { type Shadow, shadowedEntries, type WhoLogsIn } from "../identity/whoLogsIn";
import { parseIamArn } from "../mapping";
import { Authorizer, mayBeNode } from "../rights/authorizer";
import { escalationBy } from "../rights/escalation";
import {
  describeAccess,
  describeSource,
  isEverythingEverywhere,
  isKnownByName,
  type Right,
  rightsOf,
  sortRights,
} from "../rights/rightsOf";
import { addedRights } from "../rights/shippedRoles";
import type { ClusterRights } from "../rights/verdicts";
import type { KnownPrincipals } from "../session/knownPrincipals";
import { cutShort } from "../text/text";
import {
  type EntryEffect,
  hasEffect,
  type ReviewedCluster,
  type ReviewedEntry,
  type ReviewedIdentity,
  type ReviewedRight,
  type ReviewFinding,
  reviewRules,
  severityOf,
} from "./accessReview";
import { type Findings, IamReview } from "./iamFindings";
import { readCluster, type WhatToRead } from "./readCluster";

/** @param unusedSince a role without later requests to AWS is unused. */
export async function reviewCluster(
  ref: ClusterRef,
  settings: Settings,
  known: KnownPrincipals,
  unusedSince: Date,
): Promise<ReviewedCluster> {
  const what: WhatToRead = { accessEntries: (entries) => entries.all(), iam: "all", rights: true, known };
  const live = await readCluster(ref, settings, what);
  const { access, rights, label, isThere, notes, principals, iamNotes } = live;
  const iam = new IamReview(principals, unusedSince);
  return {
    id: reportIdOf(live.ref),
    name: label,
    ...(access.mode !== undefined && { authenticationMode: access.mode }),
    ...reviewOne(access, rights, iam),
    notes: [
      ...(isThere ? [] : ["there is no ConfigMap kube-system/aws-auth"]),
      ...(rights === undefined ? ["a manifest has no bindings; only the rights of system:masters are shown"] : []),
      ...(access.unread === undefined ? notes : iamNotes),
      ...iam.notes,
    ],
  };
}

interface Context {
  readonly access: ClusterAccess;
  readonly authorizer: Authorizer;
  readonly shadows: ReadonlyMap<MapEntry, Shadow>;
  readonly iam: IamReview | undefined;
}

/** All identities in aws-auth or with an access entry, and what could not be read. A manifest has no rights. */
export function reviewOne(access: ClusterAccess, rights?: ClusterRights, iam?: IamReview) {
  const { unread } = access;
  const authorizer = rights?.authorizer ?? new Authorizer();
  const context = { access, authorizer, shadows: shadowedEntries(access), iam };
  const identities = identitiesIn(access, authorizer.users).map((one) => reviewIdentity(one, context));
  return {
    identities: identities.sort((a, b) => severityOf(b) - severityOf(a)),
    unknown: [
      ...(access.refusedKeys?.values() ?? []),
      ...(unread === undefined ? [] : [`access entries are unknown: ${unread}`]),
      ...(rights?.unread === undefined ? [] : [`rights are unknown, except those of system:masters: ${rights.unread}`]),
    ],
  };
}

interface JudgedEntry {
  readonly entry: ReviewedEntry;
  readonly login: Login | undefined;
  readonly rights: readonly Right[];
  /** Why the entry has no effect; undefined if it has one, or equals the entry in force. */
  readonly flaw?: string | undefined;
}

function reviewIdentity({ name, who, entries }: MappedIdentity, context: Context): ReviewedIdentity {
  const logins = who?.logins ?? [];
  const judged = [
    ...logins.flatMap((login): JudgedEntry[] => {
      const { accessEntry } = login;
      if (accessEntry === undefined) {
        return [];
      }
      const { type, username, groups, death } = accessEntry;
      const place = type === "STANDARD" ? "access entry" : `access entry ${type}`;
      const effect = death ? "dead" : effectOf(login, who);
      return [judgeEntry({ place, username, groups, owners: ownersIn(accessEntry), effect }, login, context)];
    }),
    ...entries.map((placed): JudgedEntry => {
      const { entry } = placed;
      const login = logins.find((one) => one.entry === entry);
      const [dead] = neverMatchesBecause(entry).map(describeProblem);
      const effect = dead === undefined ? effectOf(login, who) : "dead";
      // An account entry maps each identity to its own ARN as username.
      const username = entry.key === "mapAccounts" && name.startsWith("arn:") ? name : entry.username;
      const ownership = ownershipOf(context.access.document, entry);
      const content = { place: placeOf(placed), username, groups: entry.groups, ...ownership, effect };
      const shadow = context.shadows.get(entry);
      // In mode API_AND_CONFIG_MAP, equal entries in both places are intended.
      const isRepeated = shadow?.accessEntry !== undefined && shadow.isEqual;
      const flaw = dead ?? (hasEffect({ effect }) || isRepeated ? undefined : "another entry takes precedence");
      return { ...judgeEntry(content, dead === undefined ? login : undefined, context), flaw };
    }),
  ].sort((a, b) => effects.indexOf(a.entry.effect) - effects.indexOf(b.entry.effect));
  const iam = context.iam?.principal(name);
  const reviewed = { identity: name, ...(iam && { iam }), entries: judged.map(({ entry }) => entry) };
  return { ...reviewed, findings: findingsOn(reviewed, judged, context) };
}

const effects: readonly EntryEffect[] = ["counts", "mayCount", "shadowed", "dead"];

/** An entry may have no effect if a place or key that may contain another one cannot be read. */
function effectOf(login: Login | undefined, { logins = [], doubt }: Partial<WhoLogsIn> = {}): EntryEffect {
  if (login !== undefined) {
    return logins.length === 1 && doubt === undefined ? "counts" : "mayCount";
  }
  return logins.some(({ given }) => given !== undefined) ? "shadowed" : "dead";
}

function judgeEntry(content: Omit<ReviewedEntry, "rights">, login: Login | undefined, { authorizer }: Context) {
  const rights = login === undefined ? [] : sortRights(rightsOf(login, authorizer));
  const ofNode =
    login !== undefined && mayBeNode(login) ? [{ access: "the rights of a node", by: "Node authorizer" }] : [];
  return { entry: { ...content, rights: [...rights.map(reviewRight), ...ofNode] }, login, rights };
}

function reviewRight(right: Right): ReviewedRight {
  const shown = { access: describeAccess(right), by: describeSource(right) };
  const { rules = [] } = right;
  // The order of the rules of an aggregated role varies.
  const own = isKnownByName(right) ? addedRights(right, rules) : rules.map((rule) => JSON.stringify(rule)).sort();
  return own.length === 0 ? shown : { ...shown, rules: hash("sha256", own.join("\n")).slice(0, 12) };
}

function findingsOn(
  reviewed: Omit<ReviewedIdentity, "findings">,
  judged: readonly JudgedEntry[],
  context: Context,
): ReviewFinding[] {
  const rights = judged.flatMap((one) => one.rights);
  const everything = rights.find(isEverythingEverywhere);
  const unclaimed = judged
    .filter(({ entry, login }) => ownerTexts(entry).length === 0 && !isOfAws(login))
    .map(({ entry }) => entry.place);
  const flaws = judged.flatMap(({ entry, flaw }) => (flaw === undefined ? [] : [`${entry.place} (${flaw})`]));
  const logins = judged.flatMap(({ login }) => login ?? []);
  const found: Findings = {
    everything: everything && `has full access through ${describeSource(everything)}`,
    // For an administrator, these are redundant.
    ...(everything === undefined && {
      escalation: escalationBy(rights, context.access.mode),
      secrets: allSecrets(judged, context),
    }),
    account: foreign(reviewed.identity, judged, context),
    ...(logins.length > 0 && context.iam?.findings(reviewed, logins)),
    unclaimed: clauseOn("no stack claims", unclaimed),
    "no-effect": clauseOn("has entries without effect:", flaws),
  };
  return reviewRules.flatMap((rule) => {
    const message = found[rule];
    return message === undefined ? [] : [{ rule, message }];
  });
}

/** The access entry of a service-linked role is that of the service. */
function isOfAws(login: Login | undefined): boolean {
  const arn = parseIamArn(login?.accessEntry?.principalArn ?? "");
  return arn !== undefined && isServiceLinkedRole(arn);
}

function allSecrets(judged: readonly JudgedEntry[], { authorizer }: Context): string | undefined {
  const secrets = { group: "", resource: "secrets", subresource: "", name: "", namespace: "" };
  const [grant] = judged.flatMap(({ login, rights }) =>
    login === undefined || rights.length === 0
      ? []
      : ["get", "list", "watch"].flatMap((verb) => authorizer.grantsFor(login, { ...secrets, verb })),
  );
  return grant && "reads the secrets of all namespaces";
}

/** The account of a role or user controls who can use it. */
function foreign(identity: string, judged: readonly JudgedEntry[], { access }: Context): string | undefined {
  const [, whole, own = whole] = /^(?:account (\d{12})|arn:[^:]*:\w+::(\d{12}):.*)$/.exec(identity) ?? [];
  if (own === undefined || !judged.some(({ entry }) => hasEffect(entry))) {
    return undefined;
  }
  if (whole !== undefined) {
    return `represents every identity in account ${own}`;
  }
  return access.account === undefined || own === access.account
    ? undefined
    : `belongs to account ${own}, whose administrators control it`;
}

function clauseOn(verb: string, places: readonly string[]): string | undefined {
  return places.length === 0 ? undefined : `${verb} ${cutShort(places, 3)}`;
}
