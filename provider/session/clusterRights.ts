import type { ApiConnection } from "../cluster/http";
import { Authorizer } from "../rights/authorizer";
import { noObjects, type RbacList } from "../rights/bindings";
import type { ClusterRights } from "../rights/verdicts";

/**
 * Reads the RBAC objects of a cluster. Reports a failure in the result instead of throwing.
 *
 * @param lists the lists to read; by default all.
 */
export async function readRights(apiServer: ApiConnection, lists?: readonly RbacList[]): Promise<ClusterRights> {
  const { readRbac } = await import("../cluster/kubernetes/objects.js");
  const read = await readRbac(apiServer, lists);
  const { objects, unread } = "objects" in read ? { ...read, unread: undefined } : { ...read, objects: noObjects };
  return { authorizer: new Authorizer(objects), unread };
}
