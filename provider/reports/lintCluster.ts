import { hasOwnUser } from "../accessEntries/accessEntry";
import { type ClusterRef, reportIdOf } from "../cluster/clusterRef";
import type { Settings } from "../cluster/settings";
import { isForNodes, principalKey } from "../mapping";
import { readRights } from "../session/clusterRights";
import type { KnownPrincipals } from "../session/knownPrincipals";
import { type LintPlace, type LintProblem, problemAt } from "./lint";
import { lintMap } from "./lintMap";
import { readCluster, readResult } from "./readCluster";

export interface LintedCluster {
  /** As in a review. */
  readonly id: string;
  readonly name: string;
  readonly problems: readonly LintProblem[];
  readonly notes: readonly string[];
}

/**
 * Reads a cluster and checks it. What could not be read besides aws-auth is a problem of its own.
 *
 * @throws AwsAuthError if aws-auth cannot be read, or the access entries of a cluster that ignores it.
 */
export async function lintCluster(ref: ClusterRef, settings: Settings, known: KnownPrincipals): Promise<LintedCluster> {
  const live = await readCluster(ref, settings, { accessEntries: (entries) => entries.all(), iam: "all", known });
  const { access, apiServer, entries, label: name } = live;
  if (access.mode === "API") {
    await entries?.all();
  }
  const rights = apiServer && (await readRights(apiServer, ["clusterrolebindings", "rolebindings"]));
  const { authorizer, unread } = rights ?? {};
  const hasNodes = access.entries.some(isForNodes) || !access.accessEntries.every(hasOwnUser);
  const roles = hasNodes && entries ? await readResult(() => entries.api.eksRoles()) : undefined;
  const problems = lintMap({
    ...live,
    bound: unread === undefined ? authorizer : undefined,
    nodeRoles: roles && "value" in roles ? new Set(roles.value.map(principalKey)) : undefined,
  });
  const unchecked = [
    ...live.notes,
    ...(unread === undefined ? [] : [`whether bindings name the groups was not checked: ${unread}`]),
    ...(roles && "unread" in roles ? [`whether nodes use their roles was not checked: ${roles.unread}`] : []),
  ];
  const lastWriteAt = ({ key, arn }: LintPlace) => {
    const entry = access.accessEntries.find(({ principalArn }) => principalArn === arn);
    return key === undefined ? entry && { at: entry.modifiedAt } : access.document.origin?.lastWrites?.[key];
  };
  return {
    id: reportIdOf(live.ref),
    name,
    problems: [
      ...problems.map((problem) => ({ ...problem, lastWrite: lastWriteAt(problem.place) })),
      ...unchecked.map((text) => problemAt({}, "not-checked", "note", text)),
    ],
    notes: live.isThere ? [] : ["there is no ConfigMap kube-system/aws-auth"],
  };
}
