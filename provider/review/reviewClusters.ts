import { openAccess, readAccess } from "../access/liveAccess";
import type { ClusterRights } from "../access/verdict";
import {
  accountOf,
  type ClusterRef,
  missingManifest,
  type ReadMap,
  readRights,
  idOf,
  type Settings,
  withAccount,
} from "../cluster";
import { type ClusterTarget, type ReadOptions, readClusters } from "../cluster/readClusters";
import type { ApiConnection } from "../cluster/http";
import { AwsAuthError } from "../errors";
import { Authorizer, noObjects } from "../rbac";
import { changesSince, type EarlierReview } from "./changes";
import {
  type AccessReview,
  type ReviewedCluster,
  type ReviewSummary,
  schemaVersion,
  type UnreadCluster,
} from "./model";
import { hasEffect, reviewMap } from "./reviewMap";

/**
 * Reviews clusters, so many side by side. One that cannot be read is told among the unread, and does not stop the others.
 *
 * @param options how they are read, the time, and what the review is compared with.
 */
export async function reviewClusters(
  targets: readonly ClusterTarget[],
  options: ReadOptions & { readonly createdAt: Date; readonly since?: EarlierReview | undefined },
): Promise<AccessReview> {
  const { createdAt, since } = options;
  const { clusters, unread } = await readClusters(targets, options, reviewCluster);
  const review: AccessReview = {
    kind: "AccessReview",
    schemaVersion,
    createdAt: createdAt.toISOString(),
    summary: summarise(clusters, unread),
    clusters,
    unread,
  };
  return since === undefined ? review : { ...review, changes: changesSince(review, since) };
}

async function reviewCluster(ref: ClusterRef, settings: Settings): Promise<ReviewedCluster> {
  const missing = missingManifest(ref);
  if (missing !== undefined) {
    throw new AwsAuthError("clusterNotFound", missing);
  }
  const open = await openAccess(ref, settings);
  // Asked for beside the map; it never throws.
  const asked = rightsOver(open.connection);
  const [reported, { map, access, notes }] = await Promise.all([
    open.account(accountOf(ref)),
    readAccess(open, (entries) => entries.all()),
  ]).finally(() => asked);
  const rights = await asked;
  const account = reported ?? accountOf(ref);
  const { identities, droppedKeys } = reviewMap({ data: map.data, access, rights, account });
  const hasWinners = access.mode === "API_AND_CONFIG_MAP" && access.entries.length > 0;
  return {
    id: idOf(withAccount(ref, account)),
    name: map.label,
    hasRights: rights.unread === undefined,
    notes: [
      ...notesOn(map, rights),
      ...notes,
      ...(hasWinners ? ["an access entry wins over aws-auth for its role or user"] : []),
      ...droppedKeys.map((key) => `the authenticator drops everybody in ${key}`),
    ],
    droppedKeys,
    ...(access.mode !== undefined && { authenticationMode: access.mode }),
    ...(access.unread !== undefined && { accessEntriesUnread: access.unread }),
    identities,
  };
}

async function rightsOver(connection: ApiConnection | undefined): Promise<ClusterRights> {
  if (connection !== undefined) {
    return readRights(connection);
  }
  const unread = "a manifest has no RoleBindings and no roles";
  return { authorizer: new Authorizer(noObjects), unread };
}

function notesOn({ warnings, isThere }: ReadMap, { unread }: ClusterRights): string[] {
  return [
    ...warnings,
    ...(isThere ? [] : ["there is no ConfigMap kube-system/aws-auth, which maps nobody"]),
    ...(unread === undefined
      ? []
      : [`only groups are known, not rights, except that members of "system:masters" may do everything: ${unread}`]),
  ];
}

/** The figures of clusters together. */
export function summarise(clusters: readonly ReviewedCluster[], unread: readonly UnreadCluster[]): ReviewSummary {
  const identities = clusters.flatMap((cluster) => cluster.identities);
  const findings = identities.flatMap((identity) => identity.findings);
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  return {
    clusters: clusters.length,
    unread: unread.length,
    identities: identities.filter(({ entries }) => entries.some(hasEffect)).length,
    administrators: identities.filter(({ isAdministrator }) => isAdministrator).length,
    findings: { high: count("high"), medium: count("medium"), low: count("low") },
  };
}
