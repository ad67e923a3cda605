import { forgetReported, useEngine } from "../engine/diagnostics";
import { packageJson } from "../engine/packageJson";
import { AwsAuthError } from "../errors";
import { quoted } from "../text/text";
import { empty, type Handlers, maybeOlder, messages, pluginMessages } from "./messages";
import { PluginRun } from "./pluginRun";
import { published } from "./published";

// The engine waits for the first response before it goes on, so that everything else is loaded after it.
const loadComponents = () => import("./components/construct.js");
const loadConfiguration = () => import("./configuration.js");
const loadFunctions = () => import("./functions.js");
const loadResources = () => import("./resources.js");
const loadRun = () => import("../lifecycle/run.js");
const loadSchema = () => import("./schema/index.js");

/**
 * The handlers of one run of the engine, and of one provider in it: each has a process of its own. A process that is being debugged serves
 * one run after the other, each of which begins with its configuration.
 */
export function handlers(): Handlers {
  let run = new PluginRun();
  return {
    handshake: (request) => {
      run.isRefreshing = maybeOlder(request).getSupportsRefreshBeforeUpdate?.() ?? false;
      const response = new (messages().ProviderHandshakeResponse)();
      maybeOlder(response).setAcceptSecrets?.(true);
      maybeOlder(response).setAcceptResources?.(true);
      maybeOlder(response).setAcceptOutputs?.(true);
      return response;
    },
    getPluginInfo: () => new (pluginMessages().PluginInfo)().setVersion(packageJson().version),
    getSchema: async () => {
      const { schema } = await loadSchema();
      const own = packageJson();
      return new (messages().GetSchemaResponse)().setSchema(JSON.stringify(schema(own.version, published(own))));
    },
    checkConfig: async (request) => (await loadConfiguration()).checkConfig(request),
    diffConfig: async (request) => (await loadConfiguration()).diffConfig(request),
    configure: async (request) => {
      const [{ configOf, configured, referenceOf }, { beginRun }, { lifecycle }] = await Promise.all([
        loadConfiguration(),
        loadRun(),
        loadResources(),
      ]);
      const settings = configured(request);
      const get = configOf(settings);
      const { configure } = await lifecycle();
      beginRun();
      forgetReported();
      const [owner, provider] = [settings.get("owner"), referenceOf(request)];
      run = Object.assign(new PluginRun(), { owner, provider, isRefreshing: run.isRefreshing });
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
    construct: async (request) => {
      const [{ construct }, { currentRun }] = await Promise.all([loadComponents(), loadRun()]);
      return construct(request, run.provider, { version: packageJson().version, settings: currentRun().settings });
    },
    cancel: () => {
      run.isCancelled = true;
      return empty();
    },
    attach: (request) => {
      const address = request.getAddress();
      if (!/^[\w.-]+:\d+$/.test(address)) {
        const problem = `${quoted(address)} is not the address of an engine, such as 127.0.0.1:50051`;
        throw new AwsAuthError("invalidInput", problem);
      }
      useEngine(address);
      return empty();
    },
  };
}
