import { type AccessEntryType, type AuthenticationMode, isAdministrator, type LiveAccessEntry } from "../accessEntries";
import { callerIdentity } from "../authenticator/callerIdentity";
import { placedEntries } from "../authenticator/placedEntry";
import { candidatesFor } from "../authenticator/resolve";
import { problemsOf } from "../document";
import { principalKey } from "../mapping";
import { superusers } from "../rbac";
import { migrationEntries } from "./entries";
import type { MigrationFacts } from "./facts";
import { LiveEntryJudge } from "./liveEntries";
import type { MigratedCluster, MigrationEksRole, MigrationEntry, MigrationPrincipal, Status, Verdict } from "./model";

const nextModes: Readonly<Record<AuthenticationMode, AuthenticationMode | undefined>> = {
  CONFIG_MAP: "API_AND_CONFIG_MAP",
  API_AND_CONFIG_MAP: "API",
  API: undefined,
};

/**
 * Tells of a cluster what moves to access entries, what has, and whether the cluster can go to the mode `API`. Pure.
 *
 * @param trusted ARNs of roles and users that were not made again since their access entries, where IAM does not tell.
 */
export function migrateCluster(facts: MigrationFacts, trusted: readonly string[] = []): MigratedCluster {
  const { cluster } = facts;
  const { document } = facts.access;
  const live = new LiveEntryJudge(facts, new Set(trusted.map(principalKey)));
  const entries = migrationEntries(facts, live);
  const eksRoles = eksRolesOf(facts, live);
  const nextMode = nextModes[cluster.authenticationMode];
  const left = [
    ...problemsOf(document).map(({ key, reason }) => `${key} cannot be read, so that nobody in it gets in: ${reason}`),
    ...(nextMode === "API_AND_CONFIG_MAP"
      ? [`the mode ${nextMode} comes first: it is what lets access entries be made`]
      : []),
  ];
  const administrators = administratorsOf(facts, entries, live);
  return {
    id: facts.id,
    name: facts.label,
    account: cluster.account,
    authenticationMode: cluster.authenticationMode,
    ...(nextMode !== undefined && { nextMode }),
    verdict: verdictOn(facts, left, [...entries, ...eksRoles]),
    notes: notesOn(
      facts,
      administrators.some(({ holds }) => holds === "stays"),
    ),
    left,
    entries,
    eksRoles,
    administrators,
    caller: callerOf(facts, entries, live),
  };
}

/** What is left to do is certain, whatever else cannot be told. */
function verdictOn(
  { cluster, access, eksRoles }: MigrationFacts,
  left: readonly string[],
  items: readonly Pick<MigrationEntry, "status">[],
): Verdict {
  if (cluster.authenticationMode === "API") {
    return "done";
  }
  if (left.length > 0 || items.some(({ status }) => status === "toDo")) {
    return "notReady";
  }
  const isBlind = access.unread !== undefined || "unread" in eksRoles;
  return isBlind || items.some(({ status }) => status === "unknown") ? "unknown" : "ready";
}

function eksRolesOf(facts: MigrationFacts, live: LiveEntryJudge): readonly MigrationEksRole[] {
  const roles = "value" in facts.eksRoles ? facts.eksRoles.value : [];
  const groups = Map.groupBy(roles, ({ kind, roleArn }) => `${kind} ${principalKey(roleArn)}`);
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) {
      return [];
    }
    const { kind, roleArn } = first;
    const isWindows = [first, ...others].some((role) => role.isWindows);
    const { state, status, says } = live.ofAws(roleArn, "EKS", isWindows ? ["EC2_WINDOWS"] : types[kind]);
    const names = [first, ...others].map(({ name }) => name);
    return [{ kind, names, roleArn, state, status, says }];
  });
}

const types: Readonly<Record<MigrationEksRole["kind"], readonly AccessEntryType[]>> = {
  nodegroup: ["EC2_LINUX", "EC2_WINDOWS"],
  fargateProfile: ["FARGATE_LINUX"],
};

function notesOn(facts: MigrationFacts, hasAdministrator: boolean): string[] {
  const { warnings, access, eksRoles, principals, cluster } = facts;
  const denials = [...principals.values()].flatMap((known) => (known.kind === "unknown" ? (known.denial ?? []) : []));
  const isSure = hasAdministrator || access.unread !== undefined;
  return [
    ...warnings,
    ...(access.unread === undefined ? [] : [`the access entries cannot be read: ${access.unread}`]),
    ...("unread" in eksRoles ? [`what EKS makes access entries for cannot be read: ${eksRoles.unread}`] : []),
    ...denials.slice(0, 1),
    ...(isSure || cluster.authenticationMode === "CONFIG_MAP"
      ? []
      : ["no access entry makes anybody an administrator for certain, so that none is sure to be left in mode API"]),
  ];
}

/** What will hold for every administrator in mode `API`. */
function administratorsOf(
  facts: MigrationFacts,
  entries: readonly MigrationEntry[],
  live: LiveEntryJudge,
): readonly MigrationPrincipal[] {
  const mapped = entries.filter(({ groups, state }) => groups.includes(superusers) && state !== "notNeeded");
  const keys = new Set(mapped.map(({ arn = "" }) => principalKey(arn)));
  const isOther = (entry: LiveAccessEntry) => isAdministrator(entry) && !keys.has(principalKey(entry.principalArn));
  return [
    ...mapped.map((entry) => ofMap(entry, "administrator")),
    ...facts.access.entries.filter(isOther).map((entry) => ofEntry(entry, "administrator", live)),
  ];
}

/** What will hold in mode `API` for whoever asks. */
function callerOf(facts: MigrationFacts, entries: readonly MigrationEntry[], live: LiveEntryJudge): MigrationPrincipal {
  if ("unread" in facts.caller) {
    return { arn: "", holds: "unknown", says: `who asks is not known: STS does not tell (${facts.caller.unread})` };
  }
  const { document } = facts.access;
  const arn = facts.caller.value;
  const identity = callerIdentity(arn);
  const [winner] = identity === undefined ? [] : candidatesFor(document, identity);
  const mapped = entries[placedEntries(document).findIndex((placed) => placed.entry === winner)];
  if (mapped !== undefined) {
    return { ...ofMap(mapped, "access"), arn };
  }
  const [entry] = identity === undefined ? [] : live.of(identity.arn);
  if (entry !== undefined) {
    return { ...ofEntry(entry, "access", live), arn };
  }
  const hidden =
    facts.cluster.authenticationMode === "CONFIG_MAP"
      ? "and may be who made the cluster, for whom EKS makes an access entry with the mode API_AND_CONFIG_MAP: look for it then"
      : "nor is an access entry for it that could be read";
  return { arn, holds: "unknown", says: `it is not in aws-auth, ${hidden}` };
}

function ofMap({ arn = "", key, position, status, says, reasons }: MigrationEntry, what: string): MigrationPrincipal {
  const place = `${key} entry ${position}`;
  const ending = `${what} by ${place} alone: ${reasons[0]?.reason ?? says}`;
  return { arn, holds: holding[status], says: status === "toDo" ? ending : `${place}: ${says}` };
}

const holding: Readonly<Record<Status, MigrationPrincipal["holds"]>> = {
  done: "stays",
  toDo: "ends",
  unknown: "unknown",
};

function ofEntry(entry: LiveAccessEntry, what: string, live: LiveEntryJudge): MigrationPrincipal {
  const arn = entry.principalArn;
  const life = live.lifeOf(entry);
  if (life.kind === "alive") {
    return { arn, holds: "stays", says: `${what} by an access entry, and not in aws-auth` };
  }
  return life.kind === "dead"
    ? { arn, holds: "ends", says: `its access entry is dead, since ${life.reason}` }
    : { arn, holds: "unknown", says: `whether its access entry is dead is not known: ${life.reason}` };
}
