import type { ClusterRights } from "../provider/access/verdict";
import type { ApiConnection } from "../provider/cluster/kubernetes/request";
import { CommandFailure, exitCode } from "./commandLine";
import { type LiveMap, readLiveMap } from "./liveMap";
import type { ClusterOptions } from "./options";
import type { Terminal } from "./terminal";

/** A live map on a cluster, which tells more than a file does. */
export interface ClusterMap extends LiveMap {
  readonly connection: ApiConnection;
}

/**
 * Reads the map of a cluster for a question on rights.
 *
 * @throws CommandFailure for a manifest; AwsAuthError where the map cannot be read.
 */
export async function readClusterMap(options: ClusterOptions, terminal: Terminal): Promise<ClusterMap> {
  const live = await readLiveMap(options, terminal);
  const { connection, label } = live;
  if (connection !== undefined) {
    return { ...live, connection };
  }
  throw new CommandFailure(
    exitCode.failed,
    `${label} has no RoleBindings and no roles, which decide what an identity may do; name its cluster with --cluster or --kubeconfig`,
  );
}

/** Reads who may do what in a cluster. Never throws where the cluster does not tell. */
export async function readRights(connection: ApiConnection): Promise<ClusterRights> {
  const [{ readRbac }, { Authorizer }] = await Promise.all([
    import("../provider/cluster/kubernetes/access.js"),
    import("../provider/rbac/index.js"),
  ]);
  const read = await readRbac(connection);
  return "objects" in read
    ? { authorizer: new Authorizer(read.objects), unread: undefined }
    : { authorizer: new Authorizer({ bindings: [], rules: new Map() }), unread: read.unread };
}
