import type * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { AwsAuthError } from "../errors";
import { loadFromSdk } from "../pulumi/packages";
import { packageJson } from "../pulumi/versions";
import { messages, PluginRun } from "./protocol";

// The engine waits for the first response, so everything else is loaded after it.
const loadConfiguration = () => import("./configuration.js");
const loadResources = () => import("./resources.js");

/** The handlers for one provider in one run of the engine; each has its own process. */
export function handlers() {
  const run = new PluginRun();
  return {
    handshake: (request: provider.ProviderHandshakeRequest) => {
      assertSupported(request);
      return new (messages().ProviderHandshakeResponse)()
        .setAcceptSecrets(true)
        .setAcceptResources(true)
        .setAcceptOutputs(true);
    },
    getPluginInfo: () => {
      const { PluginInfo }: typeof plugin = loadFromSdk("@pulumi/pulumi/proto/plugin_pb");
      return new PluginInfo().setVersion(packageJson().version);
    },
    getSchema: async () => {
      const { packageSchema } = await import("./functions.js");
      return new (messages().GetSchemaResponse)().setSchema(JSON.stringify(packageSchema(packageJson().version)));
    },
    checkConfig: async (request: provider.CheckRequest) => (await loadConfiguration()).checkConfig(request),
    diffConfig: async (request: provider.DiffRequest) => (await loadConfiguration()).diffConfig(request),
    configure: async (request: provider.ConfigureRequest) => {
      const [{ configured }, { lifecycle }] = await Promise.all([loadConfiguration(), loadResources()]);
      const get = configured(request);
      const { configure } = await lifecycle();
      await configure({ config: { get, require: (key) => get(key) ?? "" } });
      return new (messages().ConfigureResponse)()
        .setAcceptsecrets(true)
        .setAcceptresources(true)
        .setAcceptoutputs(true)
        .setSupportspreview(true);
    },
    check: async (request: provider.CheckRequest) => (await loadResources()).check(run, request),
    diff: async (request: provider.DiffRequest) => (await loadResources()).diff(run, request),
    create: async (request: provider.CreateRequest) => (await loadResources()).create(run, request),
    read: async (request: provider.ReadRequest) => (await loadResources()).read(run, request),
    update: async (request: provider.UpdateRequest) => (await loadResources()).update(run, request),
    delete: async (request: provider.DeleteRequest) => (await loadResources()).remove(run, request),
    invoke: async (request: provider.InvokeRequest) => {
      const [{ invoke }, { currentRun }] = await Promise.all([import("./functions.js"), import("../lifecycle/run.js")]);
      return invoke(request, currentRun().settings);
    },
  };
}

/** Refuses a Pulumi version whose requests lack data that this plugin needs. */
function assertSupported(request: provider.ProviderHandshakeRequest): void {
  const needs = (what: string, command: string) =>
    new AwsAuthError("missingPackage", `the resource plugin aws-auth requires ${what} or later; ${command}`);
  if (!("getOldOutputs" in messages().CheckRequest.prototype)) {
    throw needs("@pulumi/pulumi 3.262.0", 'run "npm install @pulumi/pulumi@latest" where pulumi-aws-auth is installed');
  }
  if (!request.getSupportsRefreshBeforeUpdate()) {
    throw needs("Pulumi 3.175.0", "update the Pulumi CLI");
  }
}
