import type * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import type { Properties } from "../lifecycle/state";
import { loadFromSdk } from "../pulumi/packages";

export type Empty = ReturnType<typeof empty>;

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

export interface Handlers {
  readonly handshake: Handler<provider.ProviderHandshakeRequest, provider.ProviderHandshakeResponse>;
  readonly getPluginInfo: Handler<Empty, plugin.PluginInfo>;
  readonly getSchema: Handler<provider.GetSchemaRequest, provider.GetSchemaResponse>;
  readonly checkConfig: Handler<provider.CheckRequest, provider.CheckResponse>;
  readonly diffConfig: Handler<provider.DiffRequest, provider.DiffResponse>;
  readonly configure: Handler<provider.ConfigureRequest, provider.ConfigureResponse>;
  readonly check: Handler<provider.CheckRequest, provider.CheckResponse>;
  readonly diff: Handler<provider.DiffRequest, provider.DiffResponse>;
  readonly create: Handler<provider.CreateRequest, provider.CreateResponse>;
  readonly read: Handler<provider.ReadRequest, provider.ReadResponse>;
  readonly update: Handler<provider.UpdateRequest, provider.UpdateResponse>;
  readonly delete: Handler<provider.DeleteRequest, Empty>;
  readonly invoke: Handler<provider.InvokeRequest, provider.InvokeResponse>;
  readonly cancel: Handler<Empty, Empty>;
}

/** The generated messages of the provider protocol. */
export function messages(): typeof provider {
  return loadFromSdk("@pulumi/pulumi/proto/provider_pb");
}

/** The generated messages that all kinds of plugins share. */
export function pluginMessages(): typeof plugin {
  return loadFromSdk("@pulumi/pulumi/proto/plugin_pb");
}

export function empty(): { serializeBinary(): Uint8Array } {
  const { Empty } = loadFromSdk("google-protobuf/google/protobuf/empty_pb");
  return new Empty();
}

export interface PropertyProblem {
  readonly property: string;
  readonly reason: string;
}

/**
 * Converts problems to check failures. The engine prints the value of a named property even if it is secret, so the
 * failure of a secret property names none.
 *
 * @param secrets the secret properties of the request, such as `arn` and `cluster.kubeconfig`.
 */
export function failures(problems: readonly PropertyProblem[], secrets: readonly string[]): provider.CheckFailure[] {
  const { CheckFailure } = messages();
  const isSecret = (name: string) => secrets.some((path) => path === name || path.startsWith(`${name}.`));
  return problems.map(({ property, reason }) =>
    new CheckFailure().setProperty(isSecret(property) ? "" : property).setReason(reason),
  );
}

export class PluginRun {
  isCancelled = false;
  /** The outputs in the state of the resources that were compared, by URN. If one is created next, it is being replaced. */
  readonly compared = new Map<string, Properties>();
  /** The cluster and the place of imported mappings, by URN. The engine checks them next, without their outputs. */
  readonly imported = new Map<string, Properties>();
  /** The reports of each check, by URN, to print only in a preview. Only the requests after the check show whether it is one. */
  readonly previews = new Map<string, () => Promise<void>>();
  /** The URNs of resources whose check had their state. */
  readonly checked = new Set<string>();
}
