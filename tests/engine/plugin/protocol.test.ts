import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import schema from "../../../provider/plugin/schema.json";
import { manifestOf, seasonedData } from "../../support/engine/manifest.ts";
import { cases } from "../../support/nightly.ts";
import { type Answer, type Method, PluginProcess, requestOf, responseIn } from "../../support/plugin/pluginProcess.ts";
import { outputValue, secretValue, urnOf } from "../../support/plugin/pluginRun.ts";

const urn = urnOf("dev");
const tok = "aws-auth:index:getIdentityMappings";
const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers"] };
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";
const settings = { manifest: "aws-auth.yaml" };
const ofResources = ["check", "diff", "create", "read", "update", "delete"] as const;
const others = ["handshake", "getSchema", "checkConfig", "diffConfig", "configure", "invoke"] as const;
const methods: readonly Method[] = [...ofResources, ...others, "getMapping", "parameterize", "call"];

/** The same properties in every field of a request that can contain them. */
const everywhere = (properties: object) => ({
  olds: properties,
  news: properties,
  oldInputs: properties,
  oldOutputs: properties,
  properties,
  inputs: properties,
  args: properties,
});

let directory: string;
let plugin: PluginProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-protocol-"));
  await writeFile(join(directory, "aws-auth.yaml"), manifestOf(seasonedData));
  plugin = await PluginProcess.start(directory);
});
// Each test is a separate run.
beforeEach(async () => {
  await plugin.ask("configure", { args: settings });
});
afterAll(async () => {
  plugin?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The plugin keeps running, and any refusal is a message for users, without internals. */
function expectGraceful(method: Method, { details }: Answer): void {
  expect(plugin.isRunning, method).toBe(true);
  expect(details, method).not.toMatch(/\n\s+at |node_modules|\.js:\d|undefined|\[object/);
  expect(details, method).not.toContain("failed unexpectedly");
  expect(plugin.stderr, method).not.toMatch(/^\s+at |node_modules/m);
}

describe("the resource plugin", () => {
  it("returns its version, its schema and the features that it accepts", async () => {
    const info = responseIn("getPluginInfo", await plugin.ask("getPluginInfo"));
    expect(info.getVersion()).toMatch(/^\d+\.\d+\.\d+/);
    const { version, config, ...checkedIn } = JSON.parse(
      responseIn("getSchema", await plugin.ask("getSchema")).getSchema(),
    );
    expect([version, checkedIn]).toEqual([info.getVersion(), schema]);
    expect(config).toEqual({ variables: schema.provider.inputProperties });
    const answer = await plugin.ask("handshake", { supportsRefreshBeforeUpdate: true });
    const accepted = { acceptSecrets: true, acceptResources: true, acceptOutputs: true };
    expect(responseIn("handshake", answer).toObject()).toMatchObject(accepted);
  });

  it("refuses a Pulumi version that does not support a refresh before an update", async () => {
    expect((await plugin.ask("handshake")).details).toBe(
      "the resource plugin aws-auth requires Pulumi 3.175.0 or later; update the Pulumi CLI",
    );
  });

  it("refuses an unknown argument of the function, and lists the valid ones", async () => {
    const answer = responseIn("invoke", await plugin.ask("invoke", { tok, args: { roleArn: dev.arn } }));
    expect(answer.getFailuresList().map((failure) => failure.toObject())).toEqual([
      { property: "roleArn", reason: '"roleArn" is not an argument; valid arguments: cluster, arn' },
    ]);
  });

  it("refuses an unknown resource type, and lists the valid one", async () => {
    for (const method of ofResources) {
      const { details } = await plugin.ask(method, { urn: urn.replace("IdentityMapping", "Other"), id: dev.arn });
      expect(details).toBe(
        'unknown resource type "aws-auth:index:Other"; the only resource of the package aws-auth is aws-auth:index:IdentityMapping',
      );
    }
  });

  it("keeps secrets marked, and unknown values unknown", async () => {
    const cluster = { manifest: outputValue({ value: "aws-auth.yaml", secret: true }) };
    const news = { ...dev, adopt: secretValue(true), cluster };
    const checked = responseIn("check", await plugin.ask("check", { urn, news }));
    expect(checked.getFailuresList()).toEqual([]);
    expect(checked.getInputs()?.toJavaScript()).toMatchObject({
      ...dev,
      adopt: secretValue(true),
      cluster: { manifest: secretValue("aws-auth.yaml") },
      __claim: expect.stringMatching(/^[0-9a-z]{8}\.[0-9a-z]{6}$/),
    });
    const unsure = await plugin.ask("check", { urn, news: { ...dev, username: outputValue({}) } });
    expect(responseIn("check", unsure).getInputs()?.toJavaScript()).toMatchObject({ username: unknown });
  });

  it.each(methods)("responds to %s without any field, and with unknown fields", async (method) => {
    const empty = requestOf(method).serializeBinary();
    expectGraceful(method, await plugin.send(method, empty));
    // Field 9,999 with four bytes.
    const future = Buffer.from([...empty, 0xfa, 0xf0, 0x04, 0x04, 0xff, 0xff, 0xff, 0xff]);
    expectGraceful(method, await plugin.send(method, future));
    expect(await plugin.send(method, Buffer.from([0xff, 0xff]))).toMatchObject({ response: undefined });
    expectGraceful(method, await plugin.send(method, empty));
  });

  it.each<[title: string, properties: object]>([
    ["numbers", { arn: 7, account: true, username: { a: 1 }, groups: "x", cluster: [1], adopt: "yes" }],
    ["null and empty values", { arn: null, groups: [null], cluster: {}, authenticationMode: 3 }],
    ["outputs without values", { arn: outputValue({}), username: secretValue(null), groups: [outputValue({})] }],
    ["signatures of unknown kinds", { arn: { [signature]: "none", value: 1 }, groups: { [signature]: 5 } }],
    ["unknown values", { arn: unknown, groups: "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", cluster: { name: unknown } }],
    [
      "property names of a JavaScript prototype",
      JSON.parse('{"__proto__":{"arn":"x"},"constructor":"y","hasOwnProperty":null}'),
    ],
    ["invalid stored properties", { __claim: 5, __accessEntry: [], __context: "{", __provider: 1, ...dev, groups: 1 }],
    ["long texts", { arn: "\u001b[2J\u202e".repeat(9), username: "x".repeat(100_000), groups: ["\u0000"] }],
    ["deep nesting", JSON.parse(`${'{"arn":'.repeat(60)}1${"}".repeat(60)}`)],
  ])("refuses or accepts %s in every request with properties, and writes nothing", async (_title, properties) => {
    for (const method of methods) {
      for (const name of [urn, "", "urn:pulumi:::", `urn:pulumi:a::b::aws-auth:index:Other::c`]) {
        const fields = {
          id: "\u0000 nonsense",
          tok,
          timeout: Number.NaN,
          ignorechangesList: ["*", "groups[", "\u0000"],
        };
        const args = method === "parameterize" ? undefined : method === "configure" ? settings : properties;
        expectGraceful(method, await plugin.ask(method, { ...fields, ...everywhere(properties), urn: name, args }));
      }
    }
    expect(await readFile(join(directory, "aws-auth.yaml"), "utf8")).toBe(manifestOf(seasonedData));
  });

  it("responds to random properties", { timeout: 300_000 }, async () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(unknown, dev.arn, "111122223333", "prod", "", null, true, 1.5),
        fc.string({ unit: "binary", maxLength: 12 }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.record({ value: tie("value"), secret: fc.boolean() }).map(outputValue),
        tie("value").map(secretValue),
        fc.dictionary(fc.constantFrom("name", "kubeconfig", "manifest", signature, "__proto__"), tie("value"), {
          maxKeys: 3,
        }),
      ),
    }));
    const names = ["arn", "account", "username", "groups", "cluster", "adopt", "noDuplicateARNs", "__claim"];
    const properties = fc.dictionary(fc.constantFrom(...names, "authenticationMode"), value);
    const method = fc.constantFrom<Method>("checkConfig", "check", "diff", "read", "invoke");
    await fc.assert(
      fc.asyncProperty(method, properties, properties, async (asked, olds, news) => {
        const fields = { urn, id: dev.arn, tok, olds, news, properties: olds, args: news };
        expectGraceful(asked, await plugin.ask(asked, fields));
      }),
      { numRuns: cases(60, 1_000) },
    );
  });

  it.each(["😀", "x😀", "漢"])("truncates a long text of %s to valid UTF-8", async (text) => {
    const name = `urn:pulumi:a::b::aws-auth:index:${text}${text.slice(-2).repeat(9_000)}::c`;
    const answer = await plugin.ask("check", { urn: name });
    expectGraceful("check", answer);
    expect(answer.details.slice(0, 21)).toBe("unknown resource type");
  });
});
