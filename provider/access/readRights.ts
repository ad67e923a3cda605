import type { ApiConnection } from "../cluster/kubernetes/request";
import type { ClusterRights } from "./verdict";

/** Reads who may do what in a cluster. Never throws where the cluster does not tell. */
export async function readRights(connection: ApiConnection): Promise<ClusterRights> {
  const [{ readRbac }, { Authorizer, noObjects }] = await Promise.all([
    import("../cluster/kubernetes/access.js"),
    import("../rbac/index.js"),
  ]);
  const read = await readRbac(connection);
  return "objects" in read
    ? { authorizer: new Authorizer(read.objects), unread: undefined }
    : { authorizer: new Authorizer(noObjects), unread: read.unread };
}
