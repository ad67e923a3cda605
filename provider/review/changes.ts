import { foldCase } from "../authenticator";
import { quoted } from "../text/text";
import { isOfAdministrator, isWayToAll } from "./findings";
import type {
  AccessReview,
  EntrySource,
  IdentityChange,
  IdentityMove,
  ReviewChanges,
  ReviewedCluster,
  ReviewedEntry,
  ReviewedRight,
  UnreadCluster,
} from "./model";
import { hasEffect } from "./reviewMap";

/** What is looked at of an earlier review; any review has it. */
export interface EarlierReview {
  readonly createdAt: string;
  readonly clusters: readonly EarlierCluster[];
  readonly unread: readonly Pick<UnreadCluster, "id">[];
}

/** A cluster of an earlier review. Versions that did not read access entries do not say its mode. */
export interface EarlierCluster extends Pick<ReviewedCluster, "authenticationMode" | "accessEntriesUnread"> {
  readonly id: string;
  readonly name: string;
  readonly hasRights: boolean;
  readonly identities: readonly EarlierIdentity[];
}

/** Somebody in an earlier review. */
export interface EarlierIdentity {
  readonly identity: string;
  readonly entries: readonly EarlierEntry[];
}

/** An entry of an earlier review; one of a version that did not read access entries is of aws-auth. */
export type EarlierEntry = Pick<ReviewedEntry, "effect" | "username"> & {
  readonly source?: EntrySource;
  readonly groups: readonly string[];
  readonly rights: readonly EarlierRight[];
};

/** A right of an earlier review. */
export type EarlierRight = Omit<ReviewedRight, "by" | "isKnownByName">;

/**
 * Compares a review with an earlier one. A cluster that the earlier one did not read is new, and so is everybody in it: nothing is
 * known of them. A cluster that is not read now has not changed. Where one of the reviews has several of one ID, whose numbers follow
 * the order in which they were named, their names have to be the same too.
 */
export function changesSince(review: Pick<AccessReview, "clusters" | "unread">, earlier: EarlierReview): ReviewChanges {
  const current = new Set([...review.clusters, ...review.unread].map(({ id = "" }) => id));
  const earlierClusters = earlier.clusters.map((cluster) => ({ ...cluster, id: idNow(cluster.id, current) }));
  const ids = [
    ...[...review.clusters, ...review.unread, ...earlierClusters].map(({ id = "" }) => id),
    ...earlier.unread.map(({ id = "" }) => idNow(id, current)),
  ];
  const several = new Set(ids.filter((id) => id !== id));
  const keyOf = ({ id, name }: EarlierCluster) =>
    several.has(id) ? JSON.stringify([id, name]) : id;
  const [before, now] = [Map.groupBy(earlierClusters, keyOf), Map.groupBy(review.clusters, keyOf)];
  const pairs = review.clusters.map((cluster) => {
    const key = keyOf(cluster);
    const [was, ...others] = before.get(key) ?? [];
    return { cluster, was: others.length === 0 && now.get(key)?.length === 1 ? was : undefined };
  });
  const known = new Set(pairs.map(({ was }) => was));
  const compared = pairs.map(({ cluster, was }) => clusterChanges(cluster, was));
  return {
    since: earlier.createdAt,
    clusters: [
      ...pairs
        .filter(({ was }) => was === undefined)
        .map(({ cluster: { id, name } }) => ({ id, name, change: "new" as const })),
      ...earlierClusters
        .filter((cluster) => !known.has(cluster) && !mayBeUnread(cluster.id, review.unread))
        .map(({ id, name }) => ({ id, name, change: "gone" as const })),
    ],
    identities: compared.flatMap(({ changes }) => changes),
    moved: compared.flatMap(({ moved }) => moved),
    notes: pairs.flatMap(({ cluster, was }) => notesOn(cluster, was)),
  };
}

/** Earlier versions knew an API server by its URL alone, without a dash, which may be that of one cluster now. */
function idNow(id: string, current: ReadonlySet<string>): string {
  const old = id;
  if (!old.startsWith("server:") || current.has(old)) {
    return id;
  }
  const same = [...current].filter((now) => now.startsWith(`${old}-`));
  return same.length === 1 ? `${same[0]}${id.slice(old.length)}` : id;
}

/** Of a cluster that cannot be looked up nobody knows which one it is. */
function mayBeUnread(id: string, unread: readonly UnreadCluster[]): boolean {
  const ids = [id, id.replace(/^(eks:[^/]+)\/\d{12}\//, "$1/")];
  return unread.some((cluster) => cluster.id === undefined || ids.includes(cluster.id));
}

/** What cannot be compared, since only one of the reviews read the access entries. */
function notesOn(now: EarlierCluster, before: EarlierCluster | undefined): string[] {
  if (before === undefined) {
    return [];
  }
  if (now.accessEntriesUnread !== undefined) {
    return [`${now.name}: its access entries cannot be read now; whoever had one counts as unchanged`];
  }
  const isNew = before.authenticationMode === undefined || before.accessEntriesUnread !== undefined;
  return isNew && now.identities.some(({ entries }) => sourceOf(entries) === "access-entry")
    ? [`${now.name}: the earlier review did not read its access entries; whoever gets in by one alone is new`]
    : [];
}

interface ClusterChanges {
  readonly changes: readonly IdentityChange[];
  readonly moved: readonly IdentityMove[];
}

function clusterChanges(now: EarlierCluster, before: EarlierCluster | undefined): ClusterChanges {
  const isBlind = now.accessEntriesUnread !== undefined;
  // Of somebody who got in by an access entry that cannot be read now, nobody knows what has become.
  const isKnown = ({ entries }: EarlierIdentity) => !isBlind || sourceOf(entries) !== "access-entry";
  const earlier = before?.identities ?? [];
  const unknown = new Set(earlier.filter((one) => !isKnown(one)).map(({ identity }) => foldCase(identity)));
  const old = new Map(earlier.filter(isKnown).map((one) => [foldCase(one.identity), one]));
  const current = new Set(now.identities.map(({ identity }) => foldCase(identity)));
  const isComparable = before === undefined || before.hasRights === now.hasRights;
  const compared = now.identities.filter(({ identity }) => !unknown.has(foldCase(identity)));
  const changed = compared.map((one): ClusterChanges => {
    const was = old.get(foldCase(one.identity));
    const changes = identityChange(now.id, one, was, isComparable);
    return { changes, moved: changes.length > 0 ? [] : moveOf(now.id, one, was) };
  });
  const gone = [...old].filter(([key]) => !current.has(key)).map(([, one]) => goneChange(now.id, one));
  return {
    changes: [...changed.flatMap(({ changes }) => changes), ...gone],
    moved: changed.flatMap(({ moved }) => moved),
  };
}

function moveOf(
  cluster: string,
  { identity, entries }: EarlierIdentity,
  old: EarlierIdentity | undefined,
): IdentityMove[] {
  const [from, to] = [sourceOf(old?.entries ?? []), sourceOf(entries)];
  return from === undefined || to === undefined || from === to ? [] : [{ cluster, identity, from, to }];
}

/** What lets an identity in; undefined if nothing does. An access entry never counts together with an entry of aws-auth. */
function sourceOf(entries: readonly EarlierEntry[]): EntrySource | undefined {
  const [first] = entries.filter(hasEffect);
  return first && (first.source ?? "aws-auth");
}

function goneChange(cluster: string, { identity, entries }: EarlierIdentity): IdentityChange {
  const loses = missingIn(effectOf([]), effectOf(entries));
  return { cluster, identity, change: "gone", gains: [], loses, details: [], isNewAdministrator: false };
}

function identityChange(
  cluster: string,
  { identity, entries }: EarlierIdentity,
  old: EarlierIdentity | undefined,
  isComparable: boolean,
): IdentityChange[] {
  const [before, now] = [effectOf(old?.entries ?? []), effectOf(entries)];
  const gained = isComparable ? missingIn(before, now) : [];
  const lost = isComparable ? missingIn(now, before) : [];
  const other = gained.filter((access) => lost.includes(access));
  const details = [
    ...describeEffect(before, now, old !== undefined),
    ...describeNames("username", before.usernames, now.usernames),
    ...describeNames("group", before.groups, now.groups),
    ...other.map((access) => `${access} allows something else`),
  ];
  const gains = gained.filter((access) => !other.includes(access));
  const loses = lost.filter((access) => !other.includes(access));
  const logins = [undefined, ...[...now.rights.values()].map(loginsWith)];
  const isNewAdministrator = logins.some((login) => powerOf(now, login) > powerOf(before, login));
  const change = old === undefined ? "new" : "changed";
  const hasChanged = details.length + gains.length + loses.length > 0 || isNewAdministrator || change === "new";
  return hasChanged ? [{ cluster, identity, change, gains, loses, details, isNewAdministrator }] : [];
}

/** What the entries of an identity that count come to. */
interface Effect {
  readonly usernames: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly rights: ReadonlyMap<string, EarlierRight>;
  readonly getsIn: boolean;
}

function effectOf(entries: readonly EarlierEntry[]): Effect {
  const effective = entries.filter(hasEffect);
  const rights = effective.flatMap((entry) => entry.rights);
  return {
    usernames: new Set(effective.map(({ username }) => username)),
    groups: new Set(effective.flatMap(({ groups }) => groups)),
    rights: new Map(rights.map((right) => [rightKey(right, loginsWith(right)), right])),
    getsIn: effective.length > 0,
  };
}

/** What makes two rights the same: which binding gives it does not matter. */
function rightKey({ namespace, role, allows, rules }: EarlierRight, logins: string | undefined): string {
  return JSON.stringify([namespace ?? null, role?.kind, role?.name, allows, rules, logins]);
}

/** The only logins that have a right; undefined: all. An earlier version did not say which. */
function loginsWith({ onlyForThatName, onlyFor = "one name" }: EarlierRight): string | undefined {
  return onlyForThatName ? onlyFor : undefined;
}

function describeRight(right: EarlierRight): string {
  const login = loginsWith(right);
  return login === undefined ? right.access : `${right.access}, only for ${login}`;
}

/** The rights of one that the other has not, in words, each once. Whoever may do everything neither gains nor loses it by other ways. */
function missingIn(some: Effect, others: Effect): string[] {
  const isCovered = (right: EarlierRight) =>
    some.rights.has(rightKey(right, undefined)) ||
    some.rights.has(rightKey(right, loginsWith(right))) ||
    (isOfAdministrator(right) && powerOf(some, loginsWith(right)) === 2);
  const missing = [...others.rights.values()].filter((right) => !isCovered(right));
  return [...new Set(missing.map(describeRight))];
}

function describeEffect(before: Effect, now: Effect, wasThere: boolean): string[] {
  if (before.getsIn === now.getsIn) {
    return wasThere || now.getsIn ? [] : ["no entry for it has an effect"];
  }
  return wasThere ? [now.getsIn ? "gets in now" : "no longer gets in"] : [];
}

function describeNames(noun: string, before: ReadonlySet<string>, now: ReadonlySet<string>): string[] {
  // Of somebody new it is no news that an entry gives no username.
  const isNews = (name: string) => !before.has(name) && (name !== "" || before.size > 0);
  const added = [...now].filter(isNews).map(quoted);
  const removed = [...before].filter((name) => !now.has(name)).map(quoted);
  return [
    ...(added.length === 0 ? [] : [`now ${noun} ${added.join(", ")}`]),
    ...(removed.length === 0 ? [] : [`no longer ${noun} ${removed.join(", ")}`]),
  ];
}

/** How far the rights of certain logins reach, or of all: 2 for everything, 1 for a way to everything. */
function powerOf({ rights }: Effect, login: string | undefined): number {
  const all = [...rights.values()].filter((right) => [undefined, login].includes(loginsWith(right)));
  return all.some(isOfAdministrator) ? 2 : all.some(isWayToAll) ? 1 : 0;
}
