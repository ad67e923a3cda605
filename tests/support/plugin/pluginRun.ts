import type { Struct as StructMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import { type Answer, type Message, messages, PluginProcess, Struct } from "./pluginProcess.ts";

type Properties = Readonly<Record<string, unknown>>;

/** A resource in a state. */
export interface Kept {
  readonly id: string;
  readonly inputs: Properties;
  readonly outs: Properties;
}

/** The marks of the protocol for what is secret. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A value that is marked as secret. */
export function secretValue(value: unknown): object {
  return { [signature]: secretSignature, value };
}

/** What is left of a value without whatever is marked as secret in it. */
export function inClear(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(inClear);
  }
  const fields: Readonly<Record<string, unknown>> = { ...value };
  return fields[signature] === secretSignature
    ? "[secret]"
    : Object.fromEntries(Object.entries(fields).map(([name, item]) => [name, inClear(item)]));
}

/** A running plugin in a run of an engine that refreshes before it updates. It throws what the plugin refuses. */
export class PluginRun {
  readonly plugin: PluginProcess;

  private constructor(plugin: PluginProcess) {
    this.plugin = plugin;
  }

  static async start(directory: string, settings: Properties): Promise<PluginRun> {
    const run = new PluginRun(await PluginProcess.start(directory));
    const handshake = new messages.ProviderHandshakeRequest();
    handshake.setSupportsRefreshBeforeUpdate(true);
    await run.#call("handshake", handshake, messages.ProviderHandshakeResponse);
    const configure = new messages.ConfigureRequest();
    configure.setArgs(struct(settings));
    await run.#call("configure", configure, messages.ConfigureResponse);
    return run;
  }

  /** Checks a mapping: its inputs, and a line for each problem, with the property in front. */
  async check(name: string, news: Properties, before?: Kept): Promise<{ inputs: Properties; failures: string[] }> {
    const request = new messages.CheckRequest();
    request.setUrn(urnOf(name));
    request.setNews(struct(news));
    if (before !== undefined) {
      request.setOlds(struct(before.inputs));
      request.setOldOutputs(struct(before.outs));
    }
    const response = await this.#call("check", request, messages.CheckResponse);
    const failures = response.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
    return { inputs: plain(response.getInputs()), failures };
  }

  /** @param timeout in seconds; 0 for none. */
  async create(name: string, inputs: Properties, timeout = 0): Promise<Kept> {
    const request = new messages.CreateRequest();
    request.setUrn(urnOf(name));
    request.setProperties(struct(inputs));
    request.setTimeout(timeout);
    const response = await this.#call("create", request, messages.CreateResponse);
    return { id: response.getId(), inputs, outs: plain(response.getProperties()) };
  }

  /** Undefined if it is gone. */
  async read(name: string, { id, inputs, outs }: Kept): Promise<Kept | undefined> {
    const request = new messages.ReadRequest();
    request.setUrn(urnOf(name));
    request.setId(id);
    request.setProperties(struct(outs));
    request.setInputs(struct(inputs));
    const response = await this.#call("read", request, messages.ReadResponse);
    return response.getId() === ""
      ? undefined
      : { id: response.getId(), inputs: plain(response.getInputs()), outs: plain(response.getProperties()) };
  }

  /** The paths of what changes; undefined if nothing does. */
  async diff(name: string, { id, inputs, outs }: Kept, news: Properties): Promise<readonly string[] | undefined> {
    const request = new messages.DiffRequest();
    request.setUrn(urnOf(name));
    request.setId(id);
    request.setOlds(struct(outs));
    request.setOldInputs(struct(inputs));
    request.setNews(struct(news));
    const response = await this.#call("diff", request, messages.DiffResponse);
    const isChange = response.getChanges() !== messages.DiffResponse.DiffChanges.DIFF_NONE;
    return isChange ? [...response.getDetaileddiffMap().keys()] : undefined;
  }

  async update(name: string, before: Kept, news: Properties): Promise<Kept> {
    const request = new messages.UpdateRequest();
    request.setUrn(urnOf(name));
    request.setId(before.id);
    request.setOlds(struct(before.outs));
    request.setNews(struct(news));
    const response = await this.#call("update", request, messages.UpdateResponse);
    return { id: before.id, inputs: news, outs: plain(response.getProperties()) };
  }

  async delete(name: string, { id, outs }: Kept): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setUrn(urnOf(name));
    request.setId(id);
    request.setProperties(struct(outs));
    await this.#call("delete", request, messages.DeleteRequest);
  }

  async #call<Response>(
    method: Parameters<PluginProcess["send"]>[0],
    request: Message,
    type: { deserializeBinary(bytes: Uint8Array): Response },
  ): Promise<Response> {
    const { response, details } = await this.send(method, request);
    if (response === undefined) {
      throw new Error(details);
    }
    return type.deserializeBinary(response);
  }

  /** Sends any other request. */
  send(method: Parameters<PluginProcess["send"]>[0], request: Message): Promise<Answer> {
    return this.plugin.send(method, request.serializeBinary());
  }
}

/** The URN of a mapping in the stack `test` of the project `test`. */
function urnOf(name: string): string {
  return `urn:pulumi:test::test::aws-auth:index:IdentityMapping::${name}`;
}

/** Properties as a message. */
export function struct(properties: object): StructMessage {
  return Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}

function plain(message: StructMessage | undefined): Properties {
  return message?.toJavaScript() ?? {};
}
