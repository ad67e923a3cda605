import type { handlers } from "../../../provider/plugin/handlers.ts";
import { type Answer, type Method, PluginProcess, type ResponseTo, requestOf, responseIn } from "./pluginProcess.ts";

type Properties = Readonly<Record<string, unknown>>;

/** A resource in a state. */
export interface ResourceState {
  readonly id: string;
  readonly inputs: Properties;
  readonly outs: Properties;
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A secret value. */
export function secretValue(value: unknown): object {
  return { [signature]: secretSignature, value };
}

/** An output with these fields; it is unknown without a value. */
export function outputValue(fields: object): object {
  return { [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...fields };
}

/** A value in which secrets are replaced. */
export function withoutSecrets(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_key, item) =>
    item?.[signature] === secretSignature ? "[secret]" : item,
  );
}

/** The URN of a mapping in the stack `test` of the project `test`. */
export function urnOf(name: string): string {
  return `urn:pulumi:test::test::aws-auth:index:IdentityMapping::${name}`;
}

/** The engine's calls to a plugin for mappings. They throw the plugin's errors. */
export class Engine {
  readonly #send: (method: Method, fields: Properties) => Promise<Answer>;

  constructor(send: (method: Method, fields: Properties) => Promise<Answer>) {
    this.#send = send;
  }

  /** An engine for a plugin in this process. */
  static of(run: ReturnType<typeof handlers>): Engine {
    return new Engine(async (method, fields) => {
      const handle: ((request: never) => unknown) | undefined = Reflect.get(run, method);
      const response = (await handle?.(requestOf(method, fields) as never)) as ResponseTo<typeof method>;
      return { response: response.serializeBinary(), code: 0, details: "" };
    });
  }

  async ask<M extends Method>(method: M, fields: Properties = {}): Promise<ResponseTo<M>> {
    return responseIn(method, await this.#send(method, fields));
  }

  /** Checks a mapping: returns its inputs, and for each problem a line that starts with the property. */
  async check(name: string, news: object, before?: ResourceState): Promise<{ inputs: Properties; failures: string[] }> {
    const old = before && { olds: before.inputs, oldOutputs: before.outs };
    const response = await this.ask("check", { urn: urnOf(name), news, ...old });
    const failures = response.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
    return { inputs: response.getInputs()?.toJavaScript() ?? {}, failures };
  }

  async create(name: string, properties: object): Promise<ResourceState> {
    const response = await this.ask("create", { urn: urnOf(name), properties });
    return { id: response.getId(), inputs: { ...properties }, outs: response.getProperties()?.toJavaScript() ?? {} };
  }

  /** Undefined if the resource does not exist. */
  async read(name: string, { id, inputs, outs }: ResourceState): Promise<ResourceState | undefined> {
    const response = await this.ask("read", { urn: urnOf(name), id, properties: outs, inputs });
    const [read, props] = [response.getInputs()?.toJavaScript(), response.getProperties()?.toJavaScript()];
    return response.getId() === "" ? undefined : { id: response.getId(), inputs: read ?? {}, outs: props ?? {} };
  }

  /** Whether anything changes, and which properties require a replacement. */
  async diff(
    name: string,
    { id, inputs, outs }: ResourceState,
    news: object,
  ): Promise<{ changes: boolean; replaces: string[] }> {
    const response = await this.ask("diff", { urn: urnOf(name), id, olds: outs, oldInputs: inputs, news });
    // 2 is DIFF_SOME.
    return { changes: response.getChanges() === 2, replaces: response.getReplacesList() };
  }

  async update(name: string, { id, outs }: ResourceState, news: object): Promise<ResourceState> {
    const response = await this.ask("update", { urn: urnOf(name), id, olds: outs, news });
    return { id, inputs: { ...news }, outs: response.getProperties()?.toJavaScript() ?? {} };
  }

  async delete(name: string, { id, outs }: ResourceState): Promise<void> {
    await this.ask("delete", { urn: urnOf(name), id, properties: outs });
  }
}

/** A running plugin, with an engine that refreshes before it updates. */
export class PluginRun extends Engine {
  readonly plugin: PluginProcess;

  private constructor(plugin: PluginProcess) {
    super((method, fields) => plugin.ask(method, fields));
    this.plugin = plugin;
  }

  static async start(directory: string, settings: Properties): Promise<PluginRun> {
    const run = new PluginRun(await PluginProcess.start(directory));
    await run.ask("handshake", { supportsRefreshBeforeUpdate: true });
    await run.ask("configure", { args: settings });
    return run;
  }
}
