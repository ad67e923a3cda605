import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { manifestOf } from "../../support/engine/manifest.ts";
import { awsAuth, pulumi } from "./mocks.ts";

const type = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";
const masters = "system:masters";
const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const signed = (signature: string, value: object) => ({ "4dabf18193072939515e22adb298388d": signature, ...value });

describe("a preview's look at removals", () => {
  let folder: string;
  const warn = vi.fn(async (_text: string) => undefined);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "aws-auth-removals-"));
    vi.stubEnv("PULUMI_NODEJS_MONITOR", "mock");
    vi.spyOn(pulumi.log, "warn").mockImplementation(warn);
    warn.mockClear();
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, Symbol.for("pulumi-aws-auth.program"));
    process.removeAllListeners("beforeExit");
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  /** Has a program previewed in a stack that holds `stored`: what it asks the engine when Node has nothing left to do. */
  async function preview(
    organization: string,
    stored: object,
    program: () => unknown,
    idOf: (name: string) => string = () => "",
  ): Promise<unknown[]> {
    const asked: unknown[] = [];
    const mocks = {
      newResource: ({ name, inputs }: { name: string; inputs: object }) => ({ id: idOf(name), state: inputs }),
      call: ({ token, inputs }: { token: string; inputs: unknown }) => {
        asked.push([token, inputs]);
        return { outputs: stored };
      },
    };
    await pulumi.runtime.setMocks(mocks, "project", "dev", true, organization);
    program();
    await pulumi.runtime.disconnect();
    // What outputs lead to is done once nothing is left of this turn.
    await new Promise(setImmediate);
    process.emit("beforeExit", 0);
    await new Promise(setImmediate);
    return asked;
  }

  const urn = (name: string) => `urn:pulumi:dev::project::${type}::${name}`;
  const outputsOf = (name: string, group: string) => ({
    cluster: { manifest: join(folder, "aws-auth.yaml") },
    arn: arn(name),
    username: name,
    groups: [group],
  });
  const mapping = (name: string, group: string) => ({ [urn(name)]: { type, outputs: outputsOf(name, group) } });
  const make = (name: string, group: string, copy: typeof awsAuth = awsAuth) =>
    new copy.IdentityMapping(name, outputsOf(name, group));
  const entries = (...given: (readonly [name: string, group: string])[]) => {
    const mapRoles = given.map(([name, group]) => ({ rolearn: arn(name), username: name, groups: [group] }));
    writeFileSync(join(folder, "aws-auth.yaml"), manifestOf({ mapRoles: JSON.stringify(mapRoles) }));
  };

  it.each([
    ["acme", "acme/project/dev"],
    ["organization", "dev"],
  ])("asks for the stack of the organisation %s, as %s", async (organization, stackName) => {
    const asked = await preview(organization, {}, () => make("dev", "viewers"));
    expect(asked).toEqual([["pulumi:pulumi:readStackResourceOutputs", { stackName }]]);
  });

  it("takes secrets for what they are, and brings no resource to life to which another one refers", async () => {
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
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/^IdentityMapping "admin": .* the only mapping to system:masters/),
    );
    expect(construct).not.toHaveBeenCalled();
  });

  it("knows by its ID what stays, wherever the stack's configuration would lead a new mapping", async () => {
    entries(["a", masters], ["gone", "system:nodes"]);
    pulumi.runtime.setConfig("aws-auth:manifest", join(folder, "another.yaml"));
    const stored = { ...mapping("a", masters), ...mapping("gone", "system:nodes") };
    const { cluster, ...args } = outputsOf("a", masters);
    const program = () => new awsAuth.IdentityMapping("a", args);
    await preview("organization", stored, program, (name) => `${name}-id`);
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
    expect(warn.mock.calls).toEqual([[expect.stringContaining("has the only mapping to system:nodes")]]);
    warn.mockClear();
    Reflect.deleteProperty(globalThis, Symbol.for("pulumi-aws-auth.program"));
    await preview("organization", stored, program);
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(2));
    pulumi.runtime.setConfig("aws-auth:manifest", "");
  });

  it("shows the control characters of a map as escapes", async () => {
    const name = "\u202e";
    writeFileSync(
      join(folder, "aws-auth.yaml"),
      manifestOf({ mapRoles: JSON.stringify([{ rolearn: arn("admin"), username: name, groups: [masters] }]) }),
    );
    await preview("organization", mapping("admin", masters), () => make("dev", "viewers"));
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
    expect(warn.mock.calls).toEqual([[expect.stringContaining(String.raw`username "\u202e"`)]]);
  });

  it("knows what every copy of the package declares, and is taken once", async () => {
    const load = createRequire(new URL("../../../package.json", import.meta.url));
    for (const path of Object.keys(load.cache).filter((path) => path.includes("/dist/"))) {
      Reflect.deleteProperty(load.cache, path);
    }
    const copy: typeof awsAuth = load("pulumi-aws-auth");
    expect(copy.IdentityMapping).not.toBe(awsAuth.IdentityMapping);
    const nodes = "system:nodes";
    entries(["a", masters], ["b", "viewers"], ["gone", nodes]);
    const stored = { ...mapping("a", masters), ...mapping("b", "viewers"), ...mapping("gone", nodes) };
    const asked = await preview("organization", stored, () => {
      make("a", masters);
      make("b", "viewers", copy);
    });
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
    expect(warn.mock.calls).toEqual([[expect.stringContaining(`has the only mapping to ${nodes}`)]]);
    expect(asked).toHaveLength(1);
  });

  it("is not begun in an inline program, whose process is not its own", async () => {
    vi.stubEnv("PULUMI_NODEJS_MONITOR", undefined);
    expect(await preview("organization", {}, () => make("dev", "viewers"))).toEqual([]);
  });
});
