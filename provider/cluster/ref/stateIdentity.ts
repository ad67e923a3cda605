import { absolutePath, type Settings } from "../settings";
import { parseClusterInput } from "./clusterInput";
import { comparablePath, identityOf } from "./clusterRef";

/**
 * The identity of the cluster that a state names, without looking anything up: what `stateOf` stored names it in full. Undefined for
 * anything else.
 */
export function stateIdentity(state: unknown, settings: Settings): string | undefined {
  if (state === undefined || state === null) {
    return undefined;
  }
  const stored = parseClusterInput(state);
  switch (stored.kind) {
    case "eks":
      return stored.region === undefined ? undefined : identityOf({ ...stored, region: stored.region });
    case "kubeconfig":
      return stored.server === undefined ? undefined : identityOf({ ...stored, server: stored.server });
    case "manifest": {
      const path = absolutePath(stored.manifest, settings);
      return identityOf({ ...stored, path, relativePath: comparablePath(stored.manifest, path, settings.cwd) });
    }
  }
}
