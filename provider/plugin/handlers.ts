import { forgetReported, useEngine } from "../engine/diagnostics";
import { AwsAuthError } from "../errors";
import { quoted } from "../text/text";
import { manifest, published } from "./manifest";
import { empty, type Handlers, maybeOlder, messages, pluginMessages } from "./messages";
import type { PluginRun } from "./resources";

// The engine waits for the first response before it goes on, so that everything else is loaded after it.
const loadComponents = () => import("./components/construct.js");
const loadConfiguration = () => import("./configuration.js");
const loadFunctions = () => import("./functions.js");
const loadResources = () => import("./resources.js");
const loadRun = () => import("../lifecycle/run.js");
const loadSchema = () => import("./schema/index.js");

/** A run of which the plugin knows nothing yet. */
export function newRun(): PluginRun {
  return {
    owner: undefined,
    provider: undefined,
    isRefreshing: false,
    isCancelled: false,
    leftClaims: new Map(),
    imported: new Map(),
    compared: new Map(),
    checked: new Set(),
    told: Promise.resolve(),
    progresses: undefined,
  };
}

/**
 * The handlers of one run of the engine, and of one provider in it: each has a process of its own. A process that is being debugged serves
 * one run after the other, each of which begins with its configuration.
 */
export function handlers(): Handlers {
  let run = newRun();
  return {
    handshake: (request) => {
      run.isRefreshing = maybeOlder(request).getSupportsRefreshBeforeUpdate?.() ?? false;
      const response = new (messages().ProviderHandshakeResponse)();
      maybeOlder(response).setAcceptSecrets?.(true);
      maybeOlder(response).setAcceptOutputs?.(true);
      return response;
    },
    getPluginInfo: () => {
      const response = new (pluginMessages().PluginInfo)();
      response.setVersion(manifest().version);
      return response;
    },
    getSchema: async () => {
      const { schema } = await loadSchema();
      const own = manifest();
      const response = new (messages().GetSchemaResponse)();
      response.setSchema(JSON.stringify(schema(own.version, published(own))));
      return response;
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
      run = {
        ...newRun(),
        owner: settings.get("owner"),
        provider: referenceOf(request),
        isRefreshing: run.isRefreshing,
      };
      await configure({ config: { get, require: (key) => get(key) ?? "" } });
      const response = new (messages().ConfigureResponse)();
      response.setAcceptsecrets(true);
      response.setAcceptoutputs(true);
      response.setSupportspreview(true);
      return response;
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
      return construct(request, run.provider, { version: manifest().version, settings: currentRun().settings });
    },
    cancel: () => {
      run.isCancelled = true;
      return empty();
    },
    attach: (request) => {
      const address = request.getAddress();
      if (!/^[\w.-]+:\d+$/.test(address)) {
        throw new AwsAuthError(
          "invalidInput",
          `${quoted(address)} is not the address of an engine, such as 127.0.0.1:50051`,
        );
      }
      useEngine(address);
      return empty();
    },
  };
}
