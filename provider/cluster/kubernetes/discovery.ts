import type { ApiVersion, ResourceType } from "../../rights/resourceTypes";
import { type Fields, fieldsOf, listOf, textOf, textsOf } from "../../text/fields";
import type { ApiConnection, Deadline } from "../request";
import { getObject, readDeadline } from "./query";

/** Returns all resources in two responses; servers before 1.26 return plain lists of groups instead. */
const aggregated = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat("application/json")
  .join(",");

/**
 * The resources of an API server, in its own order of preference. Does not throw if the server refuses or does not respond.
 *
 * @returns undefined unless all could be read: half of them would take a resource of one group for that of another.
 * @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
export async function readResourceTypes(connection: ApiConnection): Promise<readonly ApiVersion[] | undefined> {
  const deadline = readDeadline();
  const [core, named] = await Promise.all(["/api", "/apis"].map((root) => readGroups(connection, root, deadline)));
  return core === undefined || named === undefined ? undefined : [...core, ...named];
}

async function readGroups(
  connection: ApiConnection,
  root: string,
  deadline: Deadline,
): Promise<readonly ApiVersion[] | undefined> {
  const reply = await getObject(connection, root, deadline, aggregated);
  if (!("body" in reply)) {
    return undefined;
  }
  const { body } = reply;
  if (body["kind"] === "APIGroupDiscoveryList") {
    return listOf(body["items"]).flatMap(versionsIn);
  }
  const paths =
    root === "/api"
      ? textsOf(body["versions"]).map((version) => ({ group: "", version, path: `/api/${version}` }))
      : listOf(body["groups"]).flatMap((group) =>
          preferredFirst(group).map((version) => {
            const name = textOf(group["name"]);
            return { group: name, version, path: `/apis/${name}/${version}` };
          }),
        );
  return Promise.all(
    paths.map(async ({ group, version, path }): Promise<ApiVersion> => {
      const list = await getObject(connection, path, deadline);
      // A group whose own server does not respond is left out, as kubectl does.
      return { group, version, resources: "body" in list ? plainResources(list.body) : [] };
    }),
  );
}

/** Versions of an aggregated group; the first one is preferred. */
function versionsIn(group: Fields): ApiVersion[] {
  return listOf(group["versions"]).map((version) => ({
    group: textOf(fieldsOf(group["metadata"])["name"]),
    version: textOf(version["version"]),
    resources: listOf(version["resources"]).map((resource) => ({
      name: textOf(resource["resource"]),
      singular: singularOf(resource["singularResource"], fieldsOf(resource["responseKind"])["kind"]),
      shortNames: textsOf(resource["shortNames"]),
      isNamespaced: resource["scope"] === "Namespaced",
      subresources: listOf(resource["subresources"]).map(({ subresource }) => textOf(subresource)),
    })),
  }));
}

function preferredFirst(group: Fields): readonly string[] {
  const preferred = textOf(fieldsOf(group["preferredVersion"])["version"]);
  const versions = listOf(group["versions"]).map(({ version }) => textOf(version));
  return [...new Set([preferred, ...versions])].filter((version) => versions.includes(version));
}

/** The resources of a plain list, where subresources are items of their own. */
function plainResources(list: Fields): ResourceType[] {
  const items = listOf(list["resources"]);
  const names = items.map(({ name }) => textOf(name));
  return items.flatMap((item): ResourceType[] => {
    const name = textOf(item["name"]);
    if (name.includes("/")) {
      return [];
    }
    const below = names.filter((other) => other.startsWith(`${name}/`));
    return [
      {
        name,
        singular: singularOf(item["singularName"], item["kind"]),
        shortNames: textsOf(item["shortNames"]),
        isNamespaced: item["namespaced"] === true,
        subresources: below.map((other) => other.slice(name.length + 1)),
      },
    ];
  });
}

/** Servers before 1.27 leave most singular names out; they are the kinds in lower case. */
function singularOf(name: unknown, kind: unknown): string {
  return textOf(name) || textOf(kind).toLowerCase();
}
