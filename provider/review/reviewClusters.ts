import type { ClusterAccess } from "../access/clusterAccess";
import type { ClusterRights } from "../access/verdict";
import {
  accountOf,
  type ClusterRef,
  holdsKubeconfig,
  idOf,
  missingManifest,
  type ReadMap,
  readRights,
  resolveClusterRef,
  type Settings,
  withAccount,
} from "../cluster";
import type { ApiConnection } from "../cluster/kubernetes/request";
import { clustersAtOnce, mapConcurrent } from "../concurrency";
import { AwsAuthError } from "../errors";
import { isFields } from "../fields";
import { Authorizer, noObjects } from "../rbac";
import { openAccess, readAccess } from "../session/liveAccess";
import { changesSince, type EarlierReview } from "./changes";
import {
  type AccessReview,
  type ReviewedCluster,
  type ReviewSummary,
  schemaVersion,
  type UnreadCluster,
} from "./model";
import { hasEffect, reviewMap } from "./reviewMap";

/** A cluster that is to be reviewed. */
export interface ReviewTarget {
  /** Names it where it cannot even be looked up. */
  readonly name: string;
  /** As the `cluster` of a program; undefined for the one that the settings name. */
  readonly cluster: unknown;
  readonly settings: Settings;
}

/** What a `cluster` input calls its cluster, for messages; undefined if nothing does. The content of a kubeconfig is a secret. */
export function nameOfCluster(cluster: unknown): string | undefined {
  const fields = isFields(cluster) ? cluster : { name: cluster };
  const names = ["name", "manifest", "context", "kubeconfig"].map((key) => fields[key]);
  return names.find((value): value is string => typeof value === "string" && !holdsKubeconfig(value));
}

/** How clusters are reviewed. */
export interface ReviewOptions {
  /** Now. */
  readonly createdAt: Date;
  /** What the review is compared with. */
  readonly since?: EarlierReview | undefined;
  /** Told after each cluster how many are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** The words for an error; by default its own. */
  readonly describe?: (error: AwsAuthError, target: ReviewTarget) => string;
}

/** Reviews clusters, so many side by side. One that cannot be read is told among the unread, and does not stop the others. */
export async function reviewClusters(targets: readonly ReviewTarget[], options: ReviewOptions): Promise<AccessReview> {
  const { createdAt, since, onProgress, describe = (error) => error.message } = options;
  let done = 0;
  const reviewed = await mapConcurrent(targets, clustersAtOnce, async (target) => {
    const result = await reviewTarget(target, (error) => describe(error, target));
    onProgress?.(++done);
    return result;
  });
  const clusters = reviewed.flatMap((one) => ("identities" in one ? [one] : []));
  // Two names may lead to one cluster.
  const distinct = clusters.filter(({ id }, index) => clusters.findIndex((other) => other.id === id) === index);
  const unread = reviewed.flatMap((one) => ("code" in one ? [one] : []));
  const review: AccessReview = {
    kind: "AccessReview",
    schemaVersion,
    createdAt: createdAt.toISOString(),
    summary: summarise(distinct, unread),
    clusters: distinct,
    unread,
  };
  return since === undefined ? review : { ...review, changes: changesSince(review, since) };
}

async function reviewTarget(
  target: ReviewTarget,
  describe: (error: AwsAuthError) => string,
): Promise<ReviewedCluster | UnreadCluster> {
  const { name, cluster, settings } = target;
  let ref: ClusterRef | undefined;
  try {
    ref = await resolveClusterRef(cluster, settings);
    return await reviewCluster(ref, settings);
  } catch (error) {
    if (error instanceof AwsAuthError) {
      return { ...(ref !== undefined && { id: idOf(ref) }), name, code: error.code, message: describe(error) };
    }
    throw error;
  }
}

async function reviewCluster(ref: ClusterRef, settings: Settings): Promise<ReviewedCluster> {
  const missing = missingManifest(ref);
  if (missing !== undefined) {
    throw new AwsAuthError("clusterNotFound", missing);
  }
  const open = await openAccess(ref, settings);
  // Asked for beside the map; it never throws.
  const asked = rightsOver(open.connection);
  const [account, { map, access, notes }] = await Promise.all([
    open.account(accountOf(ref)),
    readAccess(open, (entries) => entries.all()),
  ]).finally(() => asked);
  const rights = await asked;
  const { identities, droppedKeys } = reviewMap({ data: map.data, access, rights });
  return {
    id: idOf(withAccount(ref, account ?? accountOf(ref))),
    name: map.label,
    hasRights: rights.unread === undefined,
    notes: [
      ...notesOn(map, rights),
      ...notes,
      ...winningNote(access),
      ...droppedKeys.map((key) => `the authenticator drops everybody in ${key}`),
    ],
    droppedKeys,
    ...(access.mode !== undefined && { authenticationMode: access.mode }),
    ...(access.unread !== undefined && { accessEntriesUnread: access.unread }),
    identities,
  };
}

function winningNote({ mode, entries }: ClusterAccess): string[] {
  return mode === "API_AND_CONFIG_MAP" && entries.length > 0
    ? ["an access entry wins over aws-auth for its role or user"]
    : [];
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
