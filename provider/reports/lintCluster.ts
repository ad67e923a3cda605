import { type ClusterRef, reportIdOf } from "../cluster/clusterRef";
import type { Settings } from "../cluster/settings";
import { readRights } from "../session/clusterRights";
import type { KnownPrincipals } from "../session/knownPrincipals";
import { type LintPlace, type LintProblem, lintMap, notChecked } from "./lint";
import { readCluster } from "./readCluster";

/** The problems of one cluster. */
export interface LintedCluster {
  /** Identifies the cluster, as in a review. */
  readonly id: string;
  /** Display name. */
  readonly label: string;
  readonly problems: readonly LintProblem[];
  /** Other notes on the cluster, one clause each. */
  readonly notes: readonly string[];
}

/**
 * Reads a cluster and reports its problems. What could not be read is a problem of its own, except aws-auth.
 *
 * @param known the principals that the run knows from other clusters.
 * @throws AwsAuthError if aws-auth cannot be read.
 */
export async function lintCluster(ref: ClusterRef, settings: Settings, known: KnownPrincipals): Promise<LintedCluster> {
  const live = await readCluster(ref, settings, { accessEntries: (entries) => entries.all(), iam: "all", known });
  const hasGroups = live.access.entries.some(({ groups }) => groups.length > 0);
  const apiServer = hasGroups ? live.apiServer : undefined;
  const rights = apiServer && (await readRights(apiServer, ["clusterrolebindings", "rolebindings"]));
  const { authorizer, unread } = rights ?? {};
  const unchecked = `whether bindings name the groups was not checked: ${unread}`;
  const { document, accessEntries } = live.access;
  const lastWriteAt = ({ key, arn }: LintPlace) => {
    const entry = accessEntries.find(({ principalArn }) => principalArn === arn);
    return key === undefined ? entry && { at: entry.modifiedAt } : document.origin?.lastWrites?.[key];
  };
  return {
    id: reportIdOf(live.ref),
    label: live.label,
    problems: [
      ...lintMap(live, unread === undefined ? authorizer?.groups : undefined),
      ...live.iamNotes.map(notChecked),
      ...(unread === undefined ? [] : [notChecked(unchecked)]),
    ].map((problem) => ({ ...problem, lastWrite: lastWriteAt(problem.place) })),
    notes: live.isThere ? [] : ["there is no ConfigMap kube-system/aws-auth"],
  };
}
