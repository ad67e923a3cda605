// A stand-in for pulumi-resource-kubernetes: it creates, updates and deletes objects on the API server of KUBECONFIG, for the kinds that
// this package creates. Like the real plugin it refuses to create an existing object.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { type ApiResponse, createApiClient } from "../cluster/apiClient.ts";
import { serve } from "./plugin.ts";

/** The object in a resource's inputs. */
interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const client = connect(process.env["KUBECONFIG"] ?? "");

serve("kubernetes", {
  diff: async (_id, _urn, olds, news) => {
    const replaces = pathOf(olds) === pathOf(news) ? [] : ["metadata"];
    const isChanged = Object.keys(news).some((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    // The real plugin also deletes first if the program specifies the name.
    return { changes: isChanged, replaces, deleteBeforeReplace: replaces.length > 0 };
  },
  create: async (_urn, inputs) => {
    accept(await client.request("POST", collectionOf(inputs), inputs));
    return { id: idOf(inputs), outs: inputs };
  },
  update: async (_id, _urn, _olds, news) => {
    accept(await client.request("PUT", pathOf(news), news));
    return { outs: news };
  },
  delete: async (_id, _urn, props) => {
    const response = await client.request("DELETE", pathOf(props));
    if (response.status !== 404) {
      accept(response);
    }
  },
});

function connect(kubeconfig: string) {
  const { clusters, users } = parse(readFileSync(kubeconfig, "utf8"));
  const { server, "certificate-authority-data": ca } = clusters[0].cluster;
  return createApiClient(server, Buffer.from(ca, "base64").toString("utf8"), users[0].user.token);
}

function collectionOf({ apiVersion, kind, metadata: { namespace } }: KubernetesObject): string {
  const root = apiVersion === "v1" ? "/api" : "/apis";
  const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${root}/${apiVersion}${scope}/${kind.toLowerCase()}s`;
}

function pathOf(object: KubernetesObject): string {
  return `${collectionOf(object)}/${object.metadata.name}`;
}

function idOf({ metadata: { namespace, name } }: KubernetesObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function accept({ status, body }: ApiResponse): void {
  if (status >= 300) {
    throw new Error(`the API server returned ${status}: ${JSON.stringify(body)}`);
  }
}
