import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { AwsAuthError } from "../errors";
import { packageJson } from "../pulumi/versions";
import { empty, type Handlers, messages, PluginRun, pluginMessages } from "./protocol";

// The engine waits for the first response, so everything else is loaded after it.
const loadConfiguration = () => import("./configuration.js");
const loadFunctions = () => import("./functions.js");
const loadResources = () => import("./resources.js");
const loadRun = () => import("../lifecycle/run.js");
const loadSchema = () => import("./packageSchema.js");

/** The handlers for one provider in one run of the engine; each has its own process. */
export function handlers(): Handlers {
  const run = new PluginRun();
  return {
    handshake: (request) => {
      assertSupported(request);
      return new (messages().ProviderHandshakeResponse)()
        .setAcceptSecrets(true)
        .setAcceptResources(true)
        .setAcceptOutputs(true);
    },
    getPluginInfo: () => new (pluginMessages().PluginInfo)().setVersion(packageJson().version),
    getSchema: async () => {
      const { schemaOf } = await loadSchema();
      return new (messages().GetSchemaResponse)().setSchema(JSON.stringify(schemaOf(packageJson())));
    },
    checkConfig: async (request) => (await loadConfiguration()).checkConfig(request),
    diffConfig: async (request) => (await loadConfiguration()).diffConfig(request),
    configure: async (request) => {
      const [{ configOf, configured }, { lifecycle }] = await Promise.all([loadConfiguration(), loadResources()]);
      const settings = configured(request);
      const get = configOf(settings);
      const { configure } = await lifecycle();
      await configure({ config: { get, require: (key) => get(key) ?? "" } });
      return new (messages().ConfigureResponse)()
        .setAcceptsecrets(true)
        .setAcceptresources(true)
        .setAcceptoutputs(true)
        .setSupportspreview(true);
    },
    check: async (request) => (await loadResources()).check(run, request),
    diff: async (request) => (await loadResources()).diff(run, request),
    create: async (request) => (await loadResources()).create(run, request),
    read: async (request) => (await loadResources()).read(run, request),
    update: async (request) => (await loadResources()).update(run, request),
    delete: async (request) => (await loadResources()).remove(run, request),
    invoke: async (request) => {
      const [{ invoke }, { currentRun }] = await Promise.all([loadFunctions(), loadRun()]);
      return invoke(request, currentRun().settings);
    },
    cancel: () => {
      run.isCancelled = true;
      return empty();
    },
  };
}

/** Refuses a Pulumi version whose requests lack data that this plugin needs. */
function assertSupported(request: provider.ProviderHandshakeRequest): void {
  const needs = (what: string, command: string) =>
    new AwsAuthError("missingPackage", `the resource plugin aws-auth needs ${what} or newer; ${command}`);
  if (!("getOldOutputs" in messages().CheckRequest.prototype)) {
    throw needs("@pulumi/pulumi 3.262.0", 'run "npm install @pulumi/pulumi@latest" where pulumi-aws-auth is installed');
  }
  if (!request.getSupportsRefreshBeforeUpdate()) {
    throw needs("Pulumi 3.175.0", "update the Pulumi CLI");
  }
}
