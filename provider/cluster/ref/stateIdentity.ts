import type { Settings } from "../settings";
import { parseClusterInput } from "./clusterInput";
import { type ClusterRef, identityOf, isSameCluster } from "./clusterRef";
import { manifestRef } from "./manifestRef";

/**
 * The cluster that a state names, without looking anything up: what `stateOf` stored names it in full. Undefined for anything else.
 */
export function storedRef(state: unknown, settings: Settings): ClusterRef | undefined {
  if (state === undefined || state === null) {
    return undefined;
  }
  const stored = parseClusterInput(state);
  switch (stored.kind) {
    case "eks":
      return stored.region === undefined ? undefined : { ...stored, region: stored.region };
    case "kubeconfig":
      return stored.server === undefined ? undefined : { ...stored, server: stored.server };
    case "manifest":
      return manifestRef(stored.manifest, settings);
  }
}

/** The identity of the cluster that a state names; undefined where it names none in full. */
export function stateIdentity(state: unknown, settings: Settings): string | undefined {
  const ref = storedRef(state, settings);
  return ref === undefined ? undefined : identityOf(ref);
}

/** Whether two states name the same cluster. */
export function isSameClusterState(a: unknown, b: unknown, settings: Settings): boolean {
  const [left, right] = [storedRef(a, settings), storedRef(b, settings)];
  return left === undefined || right === undefined ? left === right : isSameCluster(left, right);
}
