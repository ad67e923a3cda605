import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { cases } from "../support/nightly.ts";
import {
  type Answer,
  type Message,
  messages,
  PluginProcess,
  pluginMessages,
  Struct,
} from "../support/plugin/pluginProcess.ts";

const urn = "urn:pulumi:test::test::aws-auth:index:IdentityMapping::dev";
const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers"] };
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value });
const output = (rest: object) => ({ [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...rest });

function struct(properties: object) {
  return Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}

/** One property of a message by its setter's name, as far as a message has it. */
function filled(message: Message, values: Readonly<Record<string, unknown>>): Message {
  for (const [name, value] of Object.entries(values)) {
    const set: unknown = Reflect.get(message, `set${name}`);
    if (typeof set === "function") {
      set.call(message, value);
    }
  }
  return message;
}

const claim = expect.stringMatching(/^[0-9a-z]{8}\.[0-9a-z]{6}$/);
const settings = { manifest: "aws-auth.yaml" };

const requests = {
  handshake: () => new messages.ProviderHandshakeRequest(),
  getSchema: () => new messages.GetSchemaRequest(),
  checkConfig: () => new messages.CheckRequest(),
  configure: () => new messages.ConfigureRequest(),
  check: () => new messages.CheckRequest(),
  diff: () => new messages.DiffRequest(),
  create: () => new messages.CreateRequest(),
  read: () => new messages.ReadRequest(),
  update: () => new messages.UpdateRequest(),
  delete: () => new messages.DeleteRequest(),
  invoke: () => new messages.InvokeRequest(),
  getMapping: () => new messages.GetMappingRequest(),
  parameterize: () => new messages.ParameterizeRequest(),
  call: () => new messages.CallRequest(),
} as const;

type Method = keyof typeof requests;
const methods = Object.keys(requests).filter((name): name is Method => name in requests);

describe("the plugin's side of the provider protocol", () => {
  let directory: string;
  let plugin: PluginProcess;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "aws-auth-protocol-"));
    await writeFile(join(directory, "aws-auth.yaml"), manifestOf(seasonedData));
    plugin = await PluginProcess.start(directory);
  });
  // Each test is a run of its own.
  beforeEach(async () => {
    await plugin.send("configure", filled(requests.configure(), { Args: struct(settings) }).serializeBinary());
  });
  afterAll(async () => {
    plugin?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** The plugin may refuse anything, in words for the user and not for its developers, and goes on. */
  function expectGraceful(method: Method, { details }: Answer): void {
    expect(plugin.isRunning, method).toBe(true);
    expect(details, method).not.toMatch(/\n\s+at |node_modules|\.js:\d|undefined|\[object/);
    expect(details, method).not.toContain("failed unexpectedly");
    expect(plugin.stderr, method).not.toMatch(/^\s+at |node_modules/m);
  }

  it("says who it is", async () => {
    const info = await plugin.call("getPluginInfo", new messages.GetSchemaRequest(), pluginMessages.PluginInfo);
    expect(info.getVersion()).toMatch(/^\d+\.\d+\.\d+/);
    const request = filled(requests.handshake(), { SupportsRefreshBeforeUpdate: true });
    const handshake = await plugin.call("handshake", request, messages.ProviderHandshakeResponse);
    expect(handshake.toObject()).toMatchObject({ acceptSecrets: true, acceptResources: true, acceptOutputs: true });
  });

  it("refuses a Pulumi that does not refresh a resource before it updates it", async () => {
    const { details } = await plugin.send("handshake", requests.handshake().serializeBinary());
    expect(details).toBe("the resource plugin aws-auth needs Pulumi 3.175.0 or newer; update the Pulumi CLI");
  });

  it("refuses an unknown argument of the function, and lists the valid ones", async () => {
    const request = filled(requests.invoke(), {
      Tok: "aws-auth:index:getIdentityMappings",
      Args: struct({ roleArn: dev.arn }),
    });
    const answer = await plugin.call("invoke", request, messages.InvokeResponse);
    expect(answer.getFailuresList().map((failure) => failure.toObject())).toEqual([
      { property: "roleArn", reason: '"roleArn" is not an argument; the arguments are cluster, arn' },
    ]);
  });

  it.each(methods)("answers %s without any field, and with fields that it does not know", async (method) => {
    const empty = requests[method]().serializeBinary();
    expectGraceful(method, await plugin.send(method, empty));
    // Field 9,999 with four bytes.
    const future = Buffer.from([...empty, 0xfa, 0xf0, 0x04, 0x04, 0xff, 0xff, 0xff, 0xff]);
    expectGraceful(method, await plugin.send(method, future));
    expect(await plugin.send(method, Buffer.from([0xff, 0xff]))).toMatchObject({ response: undefined });
    expectGraceful(method, await plugin.send(method, empty));
  });

  const hostile: readonly [string, object][] = [
    [
      "wrong types",
      { arn: 7, account: true, username: { a: 1 }, groups: "x", cluster: [1], adopt: "yes", authenticationMode: 3 },
    ],
    ["nothing where something is due", { arn: null, groups: [null], cluster: {} }],
    ["signatures without values", { arn: output({}), username: secret(null), groups: [output({ secret: true })] }],
    ["signatures of unknown kinds", { arn: { [signature]: "none", value: 1 }, groups: { [signature]: 5 } }],
    [
      "unknown values of every type",
      { arn: unknown, groups: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", cluster: { name: unknown } },
    ],
    [
      "names of a prototype",
      JSON.parse('{"__proto__":{"arn":"x"},"constructor":"y","toString":1,"hasOwnProperty":null}'),
    ],
    [
      "what the plugin keeps for itself",
      { __claim: 5, __accessEntry: [], __context: "{", __provider: 1, ...dev, groups: 1 },
    ],
    [
      "control characters and long texts",
      { arn: "\u001b[2J\u202e".repeat(9), username: "x".repeat(100_000), groups: ["\u0000"] },
    ],
    ["deep nesting", JSON.parse(`${'{"arn":'.repeat(60)}1${"}".repeat(60)}`)],
  ];

  it.each(hostile)("refuses or takes %s in every request that carries properties", async (_title, properties) => {
    for (const method of methods) {
      for (const name of [urn, "", "urn:pulumi:::", `urn:pulumi:a::b::aws-auth:index:Other::c`]) {
        const request = filled(requests[method](), {
          Urn: name,
          Id: "\u0000 nonsense",
          Tok: "aws-auth:index:getIdentityMappings",
          Olds: struct(properties),
          News: struct(properties),
          OldInputs: struct(properties),
          OldOutputs: struct(properties),
          Properties: struct(properties),
          Inputs: struct(properties),
          ...(method !== "parameterize" && { Args: struct(method === "configure" ? settings : properties) }),
          Timeout: Number.NaN,
          IgnorechangesList: ["*", "groups[", "\u0000"],
        });
        expectGraceful(method, await plugin.send(method, request.serializeBinary()));
      }
    }
    expect(await readFile(join(directory, "aws-auth.yaml"), "utf8")).toBe(manifestOf(seasonedData));
  });

  it("answers whatever properties may come", async () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(unknown, dev.arn, "111122223333", "prod", "", null, true, 1.5),
        fc.string({ unit: "binary", maxLength: 12 }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.record({ value: tie("value"), secret: fc.boolean() }).map(output),
        tie("value").map(secret),
        fc.dictionary(
          fc.constantFrom("name", "region", "kubeconfig", "manifest", signature, "__proto__"),
          tie("value"),
          { maxKeys: 3 },
        ),
      ),
    })).value;
    const names = [
      "arn",
      "account",
      "username",
      "groups",
      "cluster",
      "adopt",
      "noDuplicateARNs",
      "authenticationMode",
      "__claim",
    ];
    const properties = fc.dictionary(fc.constantFrom(...names), value);
    const guarded = ["checkConfig", "check", "diff", "read", "invoke"] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...guarded), properties, properties, async (method, olds, news) => {
        const request = filled(requests[method](), {
          Urn: urn,
          Id: dev.arn,
          Tok: "aws-auth:index:getIdentityMappings",
          Olds: struct(olds),
          News: struct(news),
          Properties: struct(olds),
          Args: struct(news),
        });
        expectGraceful(method, await plugin.send(method, request.serializeBinary()));
      }),
      { numRuns: cases(60, 1_000) },
    );
  }, 300_000);

  it.each(["😀", "x😀", "漢"])("cuts a long text of %s so that it still arrives", async (text) => {
    const name = `urn:pulumi:a::b::aws-auth:index:${text}${text.slice(-2).repeat(9_000)}::c`;
    const answer = await plugin.send("check", filled(requests.check(), { Urn: name }).serializeBinary());
    expectGraceful("check", answer);
    expect(answer.details.slice(0, 20)).toBe("there is no resource");
  });

  it("refuses a resource that is none of its own, and names the one that it has", async () => {
    for (const method of ["check", "diff", "create", "read", "update", "delete"] as const) {
      const request = filled(requests[method](), {
        Urn: "urn:pulumi:test::test::aws-auth:index:Other::dev",
        Id: dev.arn,
      });
      const { details } = await plugin.send(method, request.serializeBinary());
      expect(details).toBe(
        'there is no resource "aws-auth:index:Other"; the package aws-auth has the resource aws-auth:index:IdentityMapping',
      );
    }
  });

  it("keeps secrets marked, and unknown values unknown", async () => {
    const news = {
      ...dev,
      adopt: secret(true),
      cluster: { manifest: output({ value: "aws-auth.yaml", secret: true }) },
    };
    const request = filled(requests.check(), { Urn: urn, News: struct(news) });
    const checked = await plugin.call("check", request, messages.CheckResponse);
    expect(checked.getFailuresList()).toEqual([]);
    expect(checked.getInputs()?.toJavaScript()).toMatchObject({
      ...dev,
      adopt: secret(true),
      cluster: { manifest: secret("aws-auth.yaml") },
      __claim: claim,
    });
    const open = filled(requests.check(), { Urn: urn, News: struct({ ...dev, username: output({}) }) });
    const unsure = await plugin.call("check", open, messages.CheckResponse);
    expect(unsure.getInputs()?.toJavaScript()).toMatchObject({ username: unknown });
  });

  it("writes nothing in a preview, and after a cancellation", async () => {
    const properties = { Urn: urn, Properties: struct({ ...dev, cluster: { manifest: "aws-auth.yaml" } }) };
    const preview = filled(requests.create(), { ...properties, Preview: true });
    const planned = await plugin.call("create", preview, messages.CreateResponse);
    expect([planned.getId(), planned.getProperties()?.toJavaScript()]).toEqual(["", expect.objectContaining(dev)]);
    const other = await PluginProcess.start(directory);
    await other.send("configure", filled(requests.configure(), { Args: struct(settings) }).serializeBinary());
    await other.send("cancel", requests.getSchema().serializeBinary());
    const refused = await other.send("create", filled(requests.create(), properties).serializeBinary());
    expect(refused.details).toBe("the run was cancelled, so nothing was written");
    expect(await readFile(join(directory, "aws-auth.yaml"), "utf8")).toBe(manifestOf(seasonedData));
    expect(await other.end()).toBe(0);
  });

  it("does not read the CLI's own login, whatever is there", async () => {
    await mkdir(join(directory, "home", "credentials.json"), { recursive: true });
    const other = await PluginProcess.start(directory, {
      PULUMI_HOME: join(directory, "home"),
      PULUMI_BACKEND_URL: "",
    });
    await other.send("configure", filled(requests.configure(), { Args: struct(settings) }).serializeBinary());
    const check = filled(requests.check(), { Urn: urn, News: struct(dev) });
    const checked = await other.call("check", check, messages.CheckResponse);
    expect(checked.getInputs()?.toJavaScript()).toMatchObject({ __claim: claim });
    expect(await other.end()).toBe(0);
  });
});
