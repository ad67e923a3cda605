import type { ApiVersion } from "../../rbac/resourceTypes";
import { type Fields, fieldsOf, listOf, textOf, textsOf } from "../../text/fields";
import type { ApiConnection } from "../http";
import { getObject } from "./objects";

/** All resources of a server in two responses, from Kubernetes 1.27 on. */
const aggregated =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";

/**
 * The resources of an API server, in its own order of preference. Does not throw if the server refuses or does not respond.
 *
 * @returns undefined unless all could be read: half of them would take a resource of one group for that of another.
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
