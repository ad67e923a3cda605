import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { storedClaim } from "../../../provider/lifecycle/state.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";

type Provider = typeof import("../../../provider/index.ts");

/** How the engine passes a value that is not known yet. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const arn = "arn:aws:iam::111122223333:role/x";
const entry = (username: string) => `- rolearn: ${arn}\n  username: ${username}\n`;

/** The calls that the engine makes, in its order, on one process as the engine starts it for each run. */
describe("a run of the engine", () => {
  let directory: string;
  let provider: Provider;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "provider-"));
    vi.spyOn(console, "error").mockReturnValue();
    await startRun();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  async function startRun(config: Readonly<Record<string, string>> = {}): Promise<void> {
    vi.resetModules();
    provider = await import("../../../provider/index.ts");
    await configure(config);
  }
  async function configure(config: Readonly<Record<string, string>>): Promise<void> {
    const values: Readonly<Record<string, string>> = { "aws-auth:manifest": join(directory, "map.yaml"), ...config };
    await provider.configure({ config: { get: (key) => values[key], require: (key) => values[key] ?? "" } });
  }
  const write = (...entries: string[]) =>
    writeFileSync(join(directory, "map.yaml"), manifestOf({ mapRoles: entries.join("") || "[]\n" }));
  const map = () => readFileSync(join(directory, "map.yaml"), "utf8");
  const checked = async (name: string, args: object, olds: object = {}) => {
    const { inputs, failures } = await provider.check(
      { ...olds },
      { arn, ...args, __context: JSON.stringify({ urn: `urn:pulumi:test::test::t::${name}` }) },
    );
    expect(failures ?? []).toEqual([]);
    return inputs;
  };
  const made = async (name: string, args: object) => {
    const { id, outs } = await provider.create(await checked(name, args));
    return { id, outs };
  };

  it("is checked with the settings that it has been given last", async () => {
    write();
    const __context = JSON.stringify({ urn: "urn:pulumi:test::test::t::a" });
    for (const policy of ["maybe", "warn", "never"]) {
      await configure({ "aws-auth:lockoutProtection": policy });
      for (const _resource of [1, 2]) {
        const { failures = [] } = await provider.check({}, { arn, username: "a", __context });
        expect(failures.map(({ reason }) => reason.includes(policy))).toEqual(policy === "warn" ? [] : [true]);
        // Nobody else gets what is done with it.
        failures.length = 0;
      }
    }
  });

  it("replaces a resource by force although its entry was edited by hand", async () => {
    write();
    const { id, outs } = await made("a", { username: "a" });
    await startRun();
    write(entry("hacked"));
    await checked("a", { username: "a" }, outs);
    const again = await checked("a", { username: "a" });
    await provider.create(again);
    await provider.delete(id, outs);
    expect(map()).toBe(manifestOf({ mapRoles: entry("a") }));
  });

  it.each(["delete", "refresh"])("says at a %s that the manifest is not there", async (what) => {
    write();
    const { id, outs } = await made("a", { username: "u" });
    rmSync(join(directory, "map.yaml"));
    await startRun();
    if (what === "delete") {
      await provider.delete(id, outs);
    } else {
      expect(await provider.read(id, outs)).toMatchObject({ id: "" });
    }
    const said = vi.mocked(console.error).mock.calls.flat().map(String).map(unfolded);
    expect(said.filter((text) => text.includes("map.yaml"))).toEqual([
      expect.stringMatching(/^warning: manifest ".*map\.yaml" does not exist; treating its mappings as deleted$/),
    ]);
  });

  it("does not take a manifest for deleted whose directory is not there, as that of a disk that is not", async () => {
    const share = join(directory, "share");
    mkdirSync(share);
    const cluster = { manifest: join(share, "map.yaml") };
    const { id, outs } = await made("a", { cluster, username: "u" });
    renameSync(share, `${share}-elsewhere`);
    await startRun();
    await expect(provider.delete(id, outs)).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringContaining("there is no directory"),
    });
  });

  it("does not say that an entry is gone, nor that it is deleted, when the key it may be in cannot be read", async () => {
    writeFileSync(join(directory, "map.yaml"), manifestOf({ mapRoles: "[]\n", mapUsers: "- x\n   y: [\n" }));
    const state = { cluster: { manifest: join(directory, "map.yaml") }, arn, username: "a" };
    await expect(provider.read("id", state)).rejects.toMatchObject({ code: "unreadableKey" });
    await expect(provider.delete("id", state)).rejects.toMatchObject({ code: "unreadableKey" });
  });

  it("leaves an entry to the other stack that wants it although the list that has nothing to do with it cannot be read", async () => {
    write();
    const stack = async (label: string) => {
      await startRun();
      const context = JSON.stringify({ urn: `urn:pulumi:test::test::t::${label}`, label });
      const { inputs } = await provider.check({}, { arn, username: "a", __context: context });
      return provider.create(inputs);
    };
    const { id, outs } = await stack("o/infra/prod a");
    await stack("o/apps/prod a");
    writeFileSync(
      join(directory, "map.yaml"),
      map().replace(/^data:\n/m, "data:\n  mapUsers: |\n    - x\n       y: [\n"),
    );
    await startRun();
    await provider.delete(id, outs);
    expect(map()).toContain("username: a");
    expect(map()).toContain("o/apps/prod a");
    expect(map()).not.toContain("o/infra/prod a");
  });

  it("updates nothing but the state when only the way to the cluster changes", async () => {
    const kubeconfig = { server: "0123456789ab", kubeconfig: "old" };
    const olds = { cluster: kubeconfig, arn, username: "a" };
    expect(await provider.diff("id", olds, { ...olds, cluster: { ...kubeconfig, kubeconfig: "new" } })).toEqual({
      changes: true,
      replaces: [],
    });
    expect(await provider.diff("id", olds, olds)).toEqual({ changes: false, replaces: [] });
  });

  it.each([
    ["a whole kubeconfig in the place of the cluster", "apiVersion: v1\nusers: [{ user: { token: hunter2 } }]"],
    ["the same as an object", { apiVersion: "v1", users: [{ user: { token: "hunter2" } }] }],
    ["a kubeconfig that cannot be used", { kubeconfig: '{ "users": [{ "user": { "token": "hunter2" } }] }' }],
  ])("names no input whose value the engine would print: %s", async (_title, cluster) => {
    const { failures } = await provider.check({}, { arn, username: "a", cluster });
    expect(failures).toMatchObject([{ property: "" }]);
    expect(JSON.stringify(failures)).not.toContain("hunter2");
  });

  it("sees no drift in a property that the program ignores while another one changes", async () => {
    write(`${entry("a")}  groups: [by-hand]\n`);
    const olds = { cluster: { manifest: join(directory, "map.yaml") }, arn, username: "a", groups: ["g"] };
    const context = JSON.stringify({ urn: "urn:pulumi:test::test::t::a", ignoreChanges: ["groups"], isPreview: true });
    const news = { arn, username: "b", groups: ["g"], __context: context };
    const { inputs } = await provider.check(olds, news);
    expect(inputs).not.toHaveProperty("drift");
  });

  it.each([
    ["another entry that it would take over", [entry("other")], {}],
    ["an entry that another stack claims as well", [entry("a")], { __claim: "own:o/infra/prod a" }],
  ])("neither refuses nor keeps quiet about an adopt that is not known yet, at %s", async (_title, entries, state) => {
    const context = (label: string) => JSON.stringify({ urn: "urn:pulumi:test::test::t::a", label, isPreview: true });
    write(...entries);
    const outs = { cluster: { manifest: join(directory, "map.yaml") }, arn, username: "a", ...state };
    const isNew = Object.keys(state).length === 0;
    if (!isNew) {
      await provider.update("id", outs, { ...outs, __claim: ":o/infra/prod a" });
      const other = { arn, username: "a", __context: context("o/apps/prod a") };
      await startRun();
      await provider.create((await provider.check({}, other)).inputs);
      await startRun();
    }
    const given = { arn, username: "b", __context: context("o/infra/prod a") };
    const olds = isNew ? {} : outs;
    const of = async (adopt: unknown) => provider.check(olds, { ...given, adopt });
    expect((await of(false)).failures).toMatchObject([{ property: "arn" }]);
    const said = vi.mocked(console.error);
    said.mockClear();
    const { inputs, failures } = await of(unknown);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ adopt: unknown });
    if (!isNew) {
      expect(await provider.diff("id", outs, inputs)).toEqual({ changes: true, replaces: [] });
    }
    expect(said.mock.calls.flat().map(unfolded)).toContain(
      `info: adopt of arn "${arn}" is not known yet: this preview takes it for true; if it is not, "pulumi up" fails where an entry is not this resource's to change`,
    );
  });

  it("changes while it is not known where it is to be kept", async () => {
    write(entry("a"));
    const outs = { cluster: { manifest: join(directory, "map.yaml") }, arn, username: "a" };
    const inputs = await checked("a", { username: "a", authenticationMode: unknown }, outs);
    expect(inputs).toMatchObject({ authenticationMode: unknown });
    expect(await provider.diff("id", outs, inputs)).toEqual({ changes: true, replaces: [] });
  });

  describe("replaces a resource that somebody has tainted, of which the engine calls check without the state", () => {
    const context = (urn: string, label = "o/infra/prod a") =>
      JSON.stringify({ urn: `urn:pulumi:test::test::t::${urn}`, label });
    const tainted = async (config: Readonly<Record<string, string>> = {}) => {
      write();
      await startRun(config);
      const { inputs } = await provider.check({}, { arn, username: "a", __context: context("a") });
      const { id, outs } = await provider.create(inputs);
      await startRun(config);
      return { id, outs: { ...outs } };
    };
    const check = (news: object, __context = context("a")) =>
      provider.check({}, { arn, username: "b", ...news, __context });

    it.each([
      ["read with its URN, as a plugin's is", "urn:pulumi:test::test::t::a", {}],
      ["known by its label, as a dynamic resource is", undefined, {}],
      ["in a stack that has another name since", "urn:pulumi:test::test::t::a", {}, "o/infra/new a"],
    ])("although its content changes, if it was read: %s", async (_title, urn, config, label?: string) => {
      const { id, outs } = await tainted(config);
      const found = await provider.read(id, outs, urn);
      const { inputs, failures } = await check({}, context("a", label));
      expect(failures).toEqual([]);
      const { outs: after } = await provider.create(inputs);
      await provider.delete(id, { ...found.props });
      expect(after).toMatchObject({ username: "b" });
      const claim = storedClaim({ ...after });
      const record = claim.id === undefined ? [] : [expect.stringContaining(` ${claim.id} o/infra/prod a`)];
      expect(map().match(/ o\/infra\/prod a$/gm) ?? []).toHaveLength(record.length);
      expect(map()).toContain(claim.id ?? "");
      expect(map().match(/rolearn/g)).toHaveLength(1);
      expect(map()).toContain("username: b");
    });

    it("and says how to, if it was not", async () => {
      await tainted();
      const { failures = [] } = await check({});
      expect(failures.map(({ reason }) => unfolded(reason))).toEqual([
        expect.stringContaining(
          'the claim has the name of this resource: to replace one that --replace names or "pulumi state taint" marks, give --refresh too',
        ),
      ]);
    });

    it.each<[string, object, string?]>([
      ["another resource", {}, context("c", "o/apps/prod c")],
      ["another principal", { arn: `${arn}-b` }],
    ])("and takes nothing for it that is not: %s", async (_title, news, given) => {
      const { id, outs } = await tainted();
      write(entry("a"), entry("x").replace("role/x", "role/x-b"));
      await provider.read(id, outs);
      expect((await check(news, given)).failures).toMatchObject([{ property: "arn" }]);
    });

    it.each([undefined, "urn:pulumi:test::test::t::a"])(
      "and misses nothing if it is deleted before it is created again: %s",
      async (urn) => {
        const { id, outs } = await tainted();
        await provider.read(id, outs, urn);
        await provider.delete(id, outs);
        const said = vi.mocked(console.error);
        said.mockClear();
        expect((await check({})).failures).toEqual([]);
        expect(said.mock.calls).toEqual([]);
      },
    );

    it("and takes nothing for it if it cannot tell which of two it is", async () => {
      const { id, outs } = await tainted();
      for (const state of [outs, { ...outs, __claim: "other:o/infra/prod a" }, outs]) {
        await provider.read(id, state);
      }
      expect((await check({})).failures).toMatchObject([{ property: "arn" }]);
    });
  });
});
