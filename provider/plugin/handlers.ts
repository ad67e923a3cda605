import { useEngine } from "../diagnostics";
import { AwsAuthError } from "../errors";
import { quoted } from "../text";
import { checkConfig, configured, diffConfig } from "./configuration";
import { invoke } from "./functions";
import { empty, type Handlers, messages, pluginMessages } from "./messages";
import { check, create, diff, lifecycle, type PluginRun, read, remove, update } from "./resources";
import { packageVersion, schema } from "./schema";

/** The handlers of one run of the engine, and of one provider in it: each has a process of its own. */
export function handlers(): Handlers {
  const run: PluginRun = { owner: undefined, isRefreshing: false, isCancelled: false, leftClaims: new Map() };
  return {
    handshake: (request) => {
      run.isRefreshing = request.getSupportsRefreshBeforeUpdate();
      const response = new (messages().ProviderHandshakeResponse)();
      response.setAcceptSecrets(true);
      return response;
    },
    getPluginInfo: () => {
      const response = new (pluginMessages().PluginInfo)();
      response.setVersion(packageVersion());
      return response;
    },
    getSchema: () => {
      const response = new (messages().GetSchemaResponse)();
      response.setSchema(JSON.stringify(schema()));
      return response;
    },
    checkConfig,
    diffConfig,
    configure: async (request) => {
      const settings = configured(request);
      run.owner = settings.get("owner");
      const get = (key: string) => settings.get(key.replace(/^aws-auth:/, ""));
      const { configure } = await lifecycle();
      await configure({ config: { get, require: (key) => get(key) ?? "" } });
      const response = new (messages().ConfigureResponse)();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    },
    check: (request) => check(run, request),
    diff: (request) => diff(run, request),
    create: (request) => create(run, request),
    read: (request) => read(run, request),
    update: (request) => update(run, request),
    delete: (request) => remove(run, request),
    invoke: async (request) => {
      const { settings } = (await import("../lifecycle/run.js")).run;
      return invoke(request, settings);
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
