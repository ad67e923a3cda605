import { absolutePath, type Settings } from "../settings";
import { parseClusterInput } from "./clusterInput";
import { comparablePath, identityOf } from "./clusterRef";

/**
 * The identity of the cluster that a state names, without looking anything up: what `stateOf` stored names it in full. Undefined for
 * anything else. The account of an EKS cluster is left out, since only some of the states of one cluster name it.
 */
export function stateIdentity(state: unknown, settings: Settings): string | undefined {
  if (state === undefined || state === null) {
    return undefined;
  }
  const stored = parseClusterInput(state);
  switch (stored.kind) {
    case "eks":
      return stored.region === undefined
        ? undefined
        : identityOf({ ...stored, region: stored.region, account: undefined });
    case "kubeconfig":
      return stored.server === undefined ? undefined : identityOf({ ...stored, server: stored.server });
    case "manifest": {
      const path = absolutePath(stored.manifest, settings);
      return identityOf({ ...stored, path, relativePath: comparablePath(stored.manifest, path, settings.cwd) });
    }
  }
}

/**
 * Whether two states name the same cluster. An EKS cluster that one of them names without its account is the same as the one with
 * it, so that to write its ARN in the place of its name, or the reverse, replaces no mapping.
 */
export function isSameClusterState(a: unknown, b: unknown, settings: Settings): boolean {
  if (stateIdentity(a, settings) !== stateIdentity(b, settings)) {
    return false;
  }
  const [left, right] = [accountOf(a), accountOf(b)];
  return left === undefined || right === undefined || left === right;
}

function accountOf(state: unknown): string | undefined {
  const stored = state === undefined || state === null ? undefined : parseClusterInput(state);
  return stored?.kind === "eks" ? stored.account : undefined;
}
