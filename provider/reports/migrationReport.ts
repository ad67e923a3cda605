import { type AuthenticationMode, authenticationModes, isAdministrator } from "../accessEntries/accessEntry";
import type { MapEntry } from "../awsAuthMap";
import { type ClusterRef, reportIdOf } from "../cluster/clusterRef";
import type { Settings } from "../cluster/settings";
import { AwsAuthError } from "../errors";
import type { EntryPosition } from "../identity/placedEntry";
import { principalKey } from "../mapping";
import type { KnownPrincipals } from "../session/knownPrincipals";
import { type MigrationFacts, type Move, movesOf } from "./moves";
import { readCluster, type WhatToRead } from "./readCluster";

/** The moves of the entries in the aws-auth of a cluster, and whether the cluster is ready for its next authentication mode. */
export interface MigrationReport {
  /** Distinguishes a report from other JSON. */
  readonly kind: "MigrationReport";
  /** The version of this schema. Fields are added within a version, and never removed. */
  readonly schemaVersion: 1;
  /** The cluster's display name: `EKS cluster "prod" (eu-central-1)`. */
  readonly cluster: string;
  readonly account: string;
  readonly authenticationMode: AuthenticationMode;
  /** The next mode, which cannot be undone; absent in mode `API`. */
  readonly nextMode?: AuthenticationMode;
  /** Whether no identity loses access in the next mode; true in mode `API`. */
  readonly isReady: boolean;
  /** Other obstacles and unknowns, one sentence each. */
  readonly notes: readonly string[];
  /** One item for each entry of aws-auth, in its order. Empty in mode `API`, which ignores them. */
  readonly entries: readonly MigrationEntry[];
}

export interface MigrationEntry extends Move, EntryPosition, Pick<MapEntry, "username" | "groups"> {
  readonly arn: string | undefined;
  readonly account: string | undefined;
}

export async function migrate(
  ref: ClusterRef,
  settings: Settings,
  known: KnownPrincipals,
): Promise<{
  readonly id: string;
  readonly name: string;
  readonly isPartial: boolean;
  readonly report: MigrationReport;
}> {
  const what: WhatToRead = { accessEntries: (found) => found.all(), iam: "all", known };
  const live = await readCluster(ref, settings, what);
  const { access, entries, label, principals, iamNotes } = live;
  if (entries === undefined) {
    throw new AwsAuthError("invalidInput", "migrate requires an EKS cluster; use --cluster NAME");
  }
  // Throws if they could not be read. The node groups are read later, so that the first of several missing permissions is always the same.
  await entries.all();
  const eksRoles = access.mode === "API" ? [] : await entries.api.eksRoles();
  const cluster = await entries.cluster();
  const report = reportOn(label, { cluster, access, eksRoles: new Set(eksRoles.map(principalKey)), principals });
  const isPartial = (access.refusedKeys?.size ?? 0) > 0;
  return {
    id: reportIdOf(live.ref),
    name: label,
    isPartial,
    report: { ...report, notes: [...iamNotes, ...report.notes] },
  };
}

export function reportOn(label: string, facts: MigrationFacts): MigrationReport {
  const { cluster, access } = facts;
  const mode = cluster.authenticationMode;
  const nextMode = authenticationModes[authenticationModes.indexOf(mode) + 1];
  const isLockOut =
    nextMode === "API" && !access.accessEntries.some((entry) => isAdministrator(entry) && entry.death === undefined);
  const obstacles = [
    ...(access.refusedKeys?.values() ?? []),
    ...(isLockOut ? ["no access entry grants administrator rights"] : []),
  ];
  const entries = movesOf(facts).map(({ placed, ...move }): MigrationEntry => {
    const { key, position, line } = placed;
    const { arn, account, username, groups } = placed.entry;
    return { key, position, line, arn, account, username, groups, ...move };
  });
  return {
    kind: "MigrationReport",
    schemaVersion: 1,
    cluster: label,
    account: cluster.account,
    authenticationMode: mode,
    ...(nextMode !== undefined && { nextMode }),
    // In API_AND_CONFIG_MAP aws-auth stays in force.
    isReady: obstacles.length === 0 && (nextMode !== "API" || entries.every(({ isDone }) => isDone)),
    notes: obstacles,
    entries,
  };
}
