import { allPages } from "../../async";
import { asAwsAuthError } from "../../errors";
import { type ApiVersion, Authorizer } from "../../rights/authorizer";
import { parseRbac, type RbacList, rbacLists } from "../../rights/bindings";
import type { ClusterRights } from "../../rights/verdicts";
import { type Fields, fieldsOf, jsonFields, listOf, textOf, textsOf } from "../../text/fields";
import type { ApiConnection } from "../http";

/** The object in a response, or the reason why there is none, which completes a sentence about the request. */
type Reply = { readonly body: Fields } | { readonly status: number | undefined; readonly failure: string };

/** Gets an object from the API server. Returns a failure instead of throwing, since no write depends on the result. */
export async function getObject(connection: ApiConnection, path: string, accept?: string): Promise<Reply> {
  try {
    // Loaded on demand, since the commands and previews of a manifest need no network client.
    const { send } = await import("../http.js");
    const { status, body } = await send(connection, { method: "GET", path, ...(accept !== undefined && { accept }) });
    const object = status === 200 ? jsonFields(body) : undefined;
    const reason = status === 200 ? "returned something other than a JSON object" : `returned ${status}`;
    return object === undefined ? { status, failure: reason } : { body: object };
  } catch (error) {
    return { status: undefined, failure: `failed: ${asAwsAuthError(error).message}` };
  }
}

/** Objects per request. Large clusters have thousands of RoleBindings. */
const pageSize = 500;

/**
 * Reads the RBAC objects of all namespaces, concurrently. Reports a failure in the result instead of throwing.
 *
 * @param lists the lists to read; the others are treated as empty.
 */
export async function readRights(
  connection: ApiConnection,
  lists: readonly RbacList[] = rbacLists,
  limit = pageSize,
): Promise<ClusterRights> {
  const read = await Promise.all(lists.map(async (list) => ({ list, ...(await readList(connection, list, limit)) })));
  const failures = read.flatMap((found) => ("failure" in found ? [found] : []));
  if (failures.length > 0) {
    const reasons = [...Map.groupBy(failures, ({ failure }) => failure)].map(
      ([reason, alike]) => `listing ${alike.map(({ list }) => list).join(", ")} ${reason}`,
    );
    const remedy = `bind a ClusterRole that allows list on ${lists.join(", ")} (rbac.authorization.k8s.io) in all namespaces`;
    const isForbidden = failures.some(({ status }) => status === 403);
    return { authorizer: new Authorizer(), unread: [...reasons, ...(isForbidden ? [remedy] : [])].join("; ") };
  }
  const items = Object.fromEntries(read.map((found) => [found.list, "items" in found ? found.items : []]));
  const objects = parseRbac({ clusterrolebindings: [], rolebindings: [], clusterroles: [], roles: [], ...items });
  return { authorizer: new Authorizer(objects), unread: undefined };
}

async function readList(connection: ApiConnection, list: RbacList, limit: number) {
  const path = `/apis/rbac.authorization.k8s.io/v1/${list}?limit=${limit}`;
  const replies = await allPages(
    (token) => getObject(connection, token === undefined ? path : `${path}&continue=${encodeURIComponent(token)}`),
    (reply) => ("body" in reply ? fieldsOf(reply.body["metadata"])["continue"] : undefined),
  ).catch((error: unknown) => [{ status: undefined, failure: `failed: ${asAwsAuthError(error).message}` }]);
  const items: unknown[] = [];
  for (const reply of replies) {
    if (!("body" in reply)) {
      return reply;
    }
    // Go encodes an empty list as null. A response without items, such as one from a gateway, is not a list.
    const page = reply.body["items"] === null ? [] : reply.body["items"];
    if (!Array.isArray(page)) {
      return { status: undefined, failure: "returned something other than a list" };
    }
    items.push(page);
  }
  return { items: items.flat() };
}

/** The media types that return all resources of a server in two responses, since Kubernetes 1.27. */
const aggregated =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

/**
 * The resources of an API server, in its order of preference. Returns refusals and connection failures instead of throwing.
 *
 * @returns undefined unless all could be read, since a partial list could assign a resource to the wrong group.
 * @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
export async function readResourceTypes(connection: ApiConnection): Promise<readonly ApiVersion[] | undefined> {
  const [core, named] = await Promise.all(["/api", "/apis"].map((root) => readGroups(connection, root)));
  return core === undefined || named === undefined ? undefined : [...core, ...named];
}

async function readGroups(connection: ApiConnection, root: string): Promise<readonly ApiVersion[] | undefined> {
  const reply = await getObject(connection, root, aggregated);
  const isAggregated = "body" in reply && reply.body["kind"] === "APIGroupDiscoveryList";
  return isAggregated ? listOf(reply.body["items"]).flatMap(versionsIn) : undefined;
}

/** The versions of a group; the first one is preferred. */
function versionsIn(group: Fields): ApiVersion[] {
  return listOf(group["versions"]).map((version) => ({
    group: textOf(fieldsOf(group["metadata"])["name"]),
    version: textOf(version["version"]),
    resources: listOf(version["resources"]).map((resource) => ({
      name: textOf(resource["resource"]),
      singular:
        textOf(resource["singularResource"]) || textOf(fieldsOf(resource["responseKind"])["kind"]).toLowerCase(),
      shortNames: textsOf(resource["shortNames"]),
      isNamespaced: resource["scope"] === "Namespaced",
      subresources: listOf(resource["subresources"]).map(({ subresource }) => textOf(subresource)),
    })),
  }));
}
