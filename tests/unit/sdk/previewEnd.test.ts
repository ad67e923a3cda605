import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";
import { type FakeEngine, startFakeEngine } from "./fakeEngine.ts";
import { awsAuth, pulumi, watchRun } from "./mocks.ts";

const type = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";
const masters = "system:masters";
const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
/** How long is waited for what takes a moment. */
const slow = { timeout: 20_000 };
const signed = (signature: string, value: object) => ({ "4dabf18193072939515e22adb298388d": signature, ...value });

/** Under which every copy of the package finds the program that one of them watches. */
const watched = Symbol.for("pulumi-aws-auth.program");

const load = createRequire(new URL("../../../package.json", import.meta.url));

/** Has the package loaded anew, as another copy of it. */
function forgetPackage(): void {
  for (const path of Object.keys(load.cache).filter((path) => path.includes("/dist/"))) {
    Reflect.deleteProperty(load.cache, path);
  }
}

/** What was shown, each message on one line. */
const told = ({ mock }: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } }): string[] =>
  mock.calls.map(([text]) => unfolded(String(text)));

describe("a preview's check of removals", () => {
  let directory: string;
  let engine: FakeEngine;
  const warn = vi.fn(async (_text: string) => undefined);
  const info = vi.fn(async (_text: string) => undefined);
  const rejected = vi.fn((_reason: unknown) => undefined);

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "aws-auth-removals-"));
    engine = await startFakeEngine();
    vi.stubEnv("PULUMI_NODEJS_MONITOR", engine.address);
    vi.spyOn(pulumi.log, "warn").mockImplementation(warn);
    vi.spyOn(pulumi.log, "info").mockImplementation(info);
    for (const mock of [warn, info, rejected]) {
      mock.mockClear();
    }
    process.on("unhandledRejection", rejected);
  });
  afterEach(() => {
    process.off("unhandledRejection", rejected);
    engine.stop();
    pulumi.runtime.setConfig("aws-auth:lockoutProtection", "warn");
    Reflect.deleteProperty(globalThis, watched);
    process.removeAllListeners("beforeExit");
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  /** Has a program previewed in a stack that holds `stored`: what it asks the engine when Node has nothing left to do. */
  async function preview(
    organization: string,
    stored: object,
    program: () => unknown,
    idOf: (name: string) => string = () => "",
    checked: object = {},
  ): Promise<unknown[]> {
    const mocks = {
      newResource: ({ name, inputs }: { name: string; inputs: object }) => {
        return { id: idOf(name), state: { ...inputs, ...checked } };
      },
      call: () => ({}),
    };
    engine.outputs = stored;
    await pulumi.runtime.setMocks(mocks, "project", "dev", true, organization);
    program();
    await pulumi.runtime.disconnect();
    // What outputs lead to is done once nothing is left of this turn.
    await new Promise(setImmediate);
    process.emit("beforeExit", 0);
    await new Promise(setImmediate);
    return engine.asked;
  }

  const urn = (name: string) => `urn:pulumi:dev::project::${type}::${name}`;
  const outputsOf = (name: string, group: string) => ({
    cluster: { manifest: join(directory, "aws-auth.yaml") },
    arn: arn(name),
    username: name,
    groups: [group],
  });
  const mapping = (name: string, group: string) => ({ [urn(name)]: { type, outputs: outputsOf(name, group) } });
  const make = (name: string, group: string, copy: typeof awsAuth = awsAuth) =>
    new copy.IdentityMapping(name, outputsOf(name, group));
  const entries = (...given: (readonly [name: string, group: string])[]) => {
    const mapRoles = given.map(([name, group]) => ({ rolearn: arn(name), username: name, groups: [group] }));
    writeFileSync(join(directory, "aws-auth.yaml"), manifestOf({ mapRoles: JSON.stringify(mapRoles) }));
  };

  it.each([
    ["acme", "acme/project/dev"],
    ["organization", "dev"],
  ])("asks for the stack of the organisation %s, as %s", async (organization, stackName) => {
    const asked = await preview(organization, {}, () => make("dev", "viewers"));
    await vi.waitFor(() => expect(asked).toEqual([["pulumi:pulumi:readStackResourceOutputs", { stackName }]]), slow);
  });

  it("leaves a program to the copy of 0.1.0 that declared the first mapping, which looks at removals alone", async () => {
    const earlier = { declarations: [], kept: new Set() };
    Reflect.set(globalThis, watched, earlier);
    const changes = { __context: 'changes:{"authenticationMode":"CONFIG_MAP"}' };
    await preview("organization", {}, () => make("dev", "viewers"), undefined, changes);
    expect(earlier.declarations).toHaveLength(1);
    expect(rejected).not.toHaveBeenCalled();
  });

  it("takes secrets for what they are and shows none, and brings no resource to life to which another one refers", async () => {
    const construct = vi.fn();
    pulumi.runtime.registerResourceModule("test", "index", { version: "", construct });
    entries(["admin", masters]);
    const refers = signed("5cf8f73096256a8f31e491e813e4eb8e", {
      urn: "urn:pulumi:dev::project::test:index:Gone::gone",
    });
    const secret = (value: unknown) => signed("1b47061264138c4ac30d75fd1eb44270", { value });
    const secrets = Object.entries(outputsOf("admin", masters)).map(([name, value]) => [name, secret(value)]);
    await preview(
      "organization",
      {
        "urn:pulumi:dev::project::test:index:Other::other": { type: "test:index:Other", outputs: { refers } },
        [urn("admin")]: { type, outputs: Object.fromEntries(secrets) },
      },
      () => make("dev", "viewers"),
    );
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), slow);
    expect(told(warn)).toContainEqual(
      expect.stringMatching(
        /^IdentityMapping "\[secret\]": arn "\[secret\]" has the only mapping to \[secret\] in .*$/,
      ),
    );
    expect(construct).not.toHaveBeenCalled();
  });

  it("knows by its ID what stays, wherever the stack's configuration would lead a new mapping", async () => {
    entries(["a", masters], ["gone", "system:nodes"]);
    pulumi.runtime.setConfig("aws-auth:manifest", join(directory, "another.yaml"));
    const stored = { ...mapping("a", masters), ...mapping("gone", "system:nodes") };
    const { cluster, ...args } = outputsOf("a", masters);
    const program = () => new awsAuth.IdentityMapping("a", args);
    await preview("organization", stored, program, (name) => `${name}-id`);
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), slow);
    expect(told(warn)).toEqual([expect.stringContaining("has the only mapping to system:nodes")]);
    warn.mockClear();
    Reflect.deleteProperty(globalThis, watched);
    await preview("organization", stored, program);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(2), slow);
    pulumi.runtime.setConfig("aws-auth:manifest", "");
  });

  it("tells what a mapping changes that an alias brings back from the resource plugin, and nothing of the plugin's others", async () => {
    entries(["back", "viewers"], ["stays", "viewers"]);
    const native = "aws-auth:index:IdentityMapping";
    const inPlugin = (name: string) => ({
      [urn(name).replace(type, native)]: {
        type: native,
        outputs: { ...outputsOf(name, "viewers"), __claim: `a1b2c3:organization/project/dev ${name}` },
      },
    });
    const program = () => make("back", "editors");
    const changes = { __context: 'changes:{"authenticationMode":"CONFIG_MAP"}' };
    await preview(
      "organization",
      { ...inPlugin("back"), ...inPlugin("stays") },
      program,
      (name) => `${name}-id`,
      changes,
    );
    await vi.waitFor(() => expect(info).toHaveBeenCalled(), slow);
    expect(told(info).join("\n")).toContain("~ role/back  gains  group editors;  loses  group viewers");
    expect(told(info).join("\n")).not.toContain("role/stays");
  });

  it("tells what a transformation adds to a mapping, and knows what a program leaves undefined", async () => {
    entries();
    const changes = { __context: 'changes:{"authenticationMode":"CONFIG_MAP"}' };
    const transformation: import("@pulumi/pulumi").ResourceTransformation = ({ props, opts }) => ({
      props: { ...props, groups: ["editors"] },
      opts,
    });
    const program = () => {
      const { groups, ...args } = outputsOf("dev", "");
      const given = { ...args, adopt: undefined };
      Reflect.construct(awsAuth.IdentityMapping, ["dev", given, { transformations: [transformation] }]);
    };
    await preview("organization", {}, program, undefined, changes);
    await vi.waitFor(() => expect(info).toHaveBeenCalled(), slow);
    expect(told(info).join("\n")).toContain("+ role/dev  gains  group editors");
  });

  it("shows the control characters of a map as escapes", async () => {
    const name = "\u202e";
    writeFileSync(
      join(directory, "aws-auth.yaml"),
      manifestOf({ mapRoles: JSON.stringify([{ rolearn: arn("odd"), username: name, groups: [masters] }]) }),
    );
    // Another principal than that of the secrets, which this process remembers.
    await preview("organization", mapping("odd", masters), () => make("dev", "viewers"));
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), slow);
    expect(told(warn)).toEqual([expect.stringContaining(String.raw`username "\u202e"`)]);
  });

  it("knows what every copy of the package declares, and is taken once", async () => {
    forgetPackage();
    const copy: typeof awsAuth = load("pulumi-aws-auth");
    expect(copy.IdentityMapping).not.toBe(awsAuth.IdentityMapping);
    const nodes = "system:nodes";
    entries(["a", masters], ["b", "viewers"], ["gone", nodes]);
    const stored = { ...mapping("a", masters), ...mapping("b", "viewers"), ...mapping("gone", nodes) };
    const asked = await preview("organization", stored, () => {
      make("a", masters);
      make("b", "viewers", copy);
    });
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), slow);
    expect(told(warn)).toEqual([expect.stringContaining(`has the only mapping to ${nodes}`)]);
    expect(asked).toHaveLength(1);
  });

  it("is not begun by the import of the package in a process without a stack, such as one that a program starts", async () => {
    forgetPackage();
    await preview("organization", {}, () => load("pulumi-aws-auth"));
    expect(Reflect.get(globalThis, watched)).toBeUndefined();
  });

  it("is not begun in an inline program, whose process is not its own", async () => {
    vi.stubEnv("PULUMI_NODEJS_MONITOR", undefined);
    await preview("organization", {}, () => make("dev", "viewers"));
    expect(Reflect.get(globalThis, watched)).toBeUndefined();
  });

  describe("is given up where it takes long", () => {
    it("where the outputs of the stack take more than 8 MiB", async () => {
      engine.replacement = Buffer.alloc(9 * 1024 * 1024);
      await preview("organization", {}, () => make("dev", "viewers"));
      await vi.waitFor(() => expect(info).toHaveBeenCalledOnce(), slow);
      expect(told(info)).toContainEqual(
        expect.stringMatching(/^the resource outputs in the stack's state take more than 8 MiB: this preview/),
      );
    });
  });

  describe("is silent, and the program goes on", () => {
    const debug = vi.fn(async (_text: string) => undefined);
    beforeEach(() => {
      vi.spyOn(pulumi.log, "debug").mockImplementation(debug);
      debug.mockClear();
    });
    afterEach(async () => {
      const said = expect.stringMatching(/^pulumi-aws-auth did not check removals: /);
      await vi.waitFor(() => expect(debug).toHaveBeenCalledWith(said), slow);
      await new Promise(setImmediate);
      expect([warn.mock.calls, info.mock.calls, rejected.mock.calls]).toEqual([[], [], []]);
    });

    it.each<[title: string, response: Uint8Array]>([
      ["cuts its response off", Uint8Array.of(0x0a, 0x7f, 0x0a)],
      ["returns something else", Uint8Array.of(0xff, 0xff, 0xff)],
    ])("where the engine %s", async (_title, response) => {
      engine.replacement = response;
      await preview("organization", {}, () => make("dev", "viewers"));
    });

    it("where the engine refuses", async () => {
      engine.refuses = true;
      await preview("organization", {}, () => make("dev", "viewers"));
    });

    it("where there is no engine", async () => {
      engine.stop();
      await preview("organization", {}, () => make("dev", "viewers"));
    });

    it("where what it takes of Pulumi is not what it was", async () => {
      const fail = () => {
        throw new TypeError("of another version");
      };
      entries(["admin", masters]);
      await preview("organization", mapping("admin", masters), () => {
        const first = make("first", "viewers");
        vi.spyOn(pulumi.log, "hasErrors").mockImplementation(fail);
        vi.spyOn(pulumi.runtime, "isDryRun").mockImplementationOnce(fail);
        watchRun({ mapping: first, urn: urn("first"), given: {}, ignoreChanges: [] });
      });
      await vi.waitFor(() => expect(pulumi.log.hasErrors).toHaveBeenCalled(), slow);
    });
  });
});
