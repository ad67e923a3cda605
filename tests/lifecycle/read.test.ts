import { describe, expect } from "vitest";
import { findImport } from "../../provider/lifecycle/import.ts";
import { it as base, dev } from "../support/lifecycle/fixture.ts";
import { runOn, Stack } from "../support/lifecycle/stack.ts";
import { entryText, roleArn, roleOf, type World } from "../support/lifecycle/world.ts";

const { arn } = dev;
const both = { ...dev, authenticationMode: "API_AND_CONFIG_MAP" };

const driftIn = (messages: readonly string[]) => messages.filter((message) => message.includes("drift of"));

describe("a refresh", () => {
  const byEdit = ' (last written by "kubectl-edit", 1970-01-01 00:00 UTC)';
  const it = base.extend("read", ({ world, stack }) => async () => {
    await stack.refresh();
    expect(world.calls.filter((call) => !/^(?:read|list)/.test(call))).toEqual([]);
    return stack.states.get("dev");
  });

  it("keeps a state that agrees with the cluster", async ({ stack, read }) => {
    await stack.up({ mappings: { dev: both } });
    const before = stack.states.get("dev");
    expect(before).toBeDefined();
    expect(await read()).toEqual(before);
  });

  it("returns drift, also as inputs", async ({ world, stack, read }) => {
    await stack.up({ mappings: { dev } });
    world.edit((text) => text.replace("viewers", "ops"));
    expect(await read()).toMatchObject({ outs: { groups: ["ops"] }, inputs: { groups: ["ops"] } });
  });

  it("returns names that the engine would interpret escaped, and a delete then removes the entry", async ({
    world,
    stack,
    read,
  }) => {
    await stack.up({ mappings: { dev } });
    world.edit((text) => text.replace("viewers", '"<{%reset%}>"'));
    expect(await read()).toMatchObject({ outs: { groups: ["\\u003c{%reset%}>"] } });
    expect(await stack.up({ mappings: {} })).toEqual([]);
    expect(world.mapContents("dev")).toEqual([]);
  });

  it("reads the access entry of a mapping that is in both places", async ({ world, stack, read }) => {
    await stack.up({ mappings: { dev: both } });
    world.edit((text) => text.replace("viewers", "unseen"));
    world.put("dev", { ...[...world.entries.values()][0], groups: ["ops"] });
    expect(await read()).toMatchObject({ outs: { groups: ["ops"] } });
  });

  it.for([
    ["map", "API"],
    ["entries", "CONFIG_MAP"],
  ] as const)(
    "keeps the other place of a mapping whose entry in %s is removed",
    async ([place, mode], { world, stack, read }) => {
      await stack.up({ mappings: { dev: both } });
      world.empty(place);
      expect(await read()).toMatchObject({ outs: { authenticationMode: mode } });
      expect(await stack.up({ mappings: { dev: both } })).toEqual([]);
      expect([world.mapContents("dev"), world.entryContent("dev")]).toEqual([["dev: viewers"], "dev: viewers"]);
    },
  );

  it("drops a mapping that neither place has", async ({ world, stack, read }) => {
    await stack.up({ mappings: { dev: both } });
    world.empty("map");
    world.empty("entries");
    expect(await read()).toBeUndefined();
  });

  it("drops a mapping whose entry was removed and whose claim remains", async ({ world, stack, read }) => {
    await stack.up({ mappings: { dev } });
    world.edit(() => "[]\n");
    expect(await read()).toBeUndefined();
    expect(await stack.up({ mappings: { dev } })).toEqual([]);
    expect(stack.messages).toEqual([]);
    expect(world.claimsIn("map")).toHaveLength(1);
  });

  it.for([
    ["keeps a mapping in the map, which", { dev }, true],
    ["drops a mapping in both places, whose map", { dev: both }, false],
  ] as const)("%s the cluster ignores", async ([, mappings, isKept], { world, stack, read }) => {
    await stack.up({ mappings });
    const before = stack.states.get("dev");
    world.empty("entries");
    world.mode = "API";
    const drift = { entry: expect.stringContaining("is not supported by the cluster, whose mode is API") };
    expect(await read()).toEqual(isKept ? { ...before, outs: { ...before?.outs, drift } } : undefined);
  });

  interface Row {
    readonly change: string;
    readonly mapping?: typeof dev & { readonly adopt?: boolean; readonly authenticationMode?: string };
    readonly by: (world: World) => unknown;
    /** Only what a preview restores or refuses, and no other property shows. */
    readonly drift?: object;
    /** The groups, if the refresh shows them as changed. */
    readonly groups?: readonly string[];
  }
  const rows: readonly Row[] = [
    { change: "another resource is added", by: (world) => world.edit((text) => text + entryText("other")) },
    { change: "the same entry is appended", by: (world) => world.edit((text) => text + entryText("dev")) },
    {
      change: "an entry with other content is appended",
      by: (world) => world.edit((text) => text + entryText("dev", "dev: ops")),
      drift: { entry: expect.stringContaining("is overridden by mapRoles entry 2") },
    },
    {
      change: "an entry with other content is appended, and the next up adopts it",
      mapping: { ...dev, adopt: true },
      by: (world) => world.edit((text) => text + entryText("dev", "dev: ops")),
      drift: expect.anything(),
    },
    {
      change: "the same entry is appended, and the next up adopts it",
      mapping: { ...dev, adopt: true },
      by: (world) => world.edit((text) => text + entryText("dev")),
      drift: { "mapRoles entry 1": expect.stringMatching(/^removed/), "mapRoles entry 2": expect.anything() },
    },
    {
      change: "an access entry with other content is created",
      by: (world) => world.put("dev", { groups: ["ops"] }),
      drift: { entry: expect.stringContaining("an access entry takes precedence") },
    },
    {
      change: "the role of the access entry is created again",
      mapping: both,
      by: (world) => world.recreate(roleArn("dev")),
      drift: { entry: expect.stringContaining("grants no access") },
    },
    {
      change: "the claims are removed",
      by: (world) => world.dropClaims("map"),
      drift: { claim: expect.stringContaining("was removed") },
    },
    {
      change: "the map is edited beside the access entry",
      mapping: both,
      by: (world) => world.edit((text) => text.replace("viewers", "ops")),
      drift: { groups: `the cluster has "ops"${byEdit}; pulumi up restores "viewers"` },
    },
    {
      change: "an access entry gets other content, and loses its claim",
      mapping: both,
      by: (world) => world.put("dev", { groups: ["ops"] }),
      drift: { entry: expect.stringContaining("is already mapped") },
    },
    {
      change: "an access entry gets content that no mapping can have",
      mapping: both,
      by: (world) => world.put("dev", { ...[...world.entries.values()][0], username: "system:dev" }),
      drift: { entry: expect.stringContaining("that this resource cannot manage") },
    },
    {
      change: "an access entry gets other content",
      mapping: both,
      by: (world) => world.put("dev", { ...[...world.entries.values()][0], groups: ["ops"] }),
      groups: ["ops"],
    },
    {
      change: "two entries with other content replace ours",
      by: (world) => world.edit(() => entryText("dev", "dev: ops") + entryText("dev", "dev: x")),
      drift: { entry: expect.stringContaining("has 2 entries") },
    },
    {
      change: "another stack takes the entry over",
      by: async (world) => {
        const mappings = { dev: { ...dev, groups: ["ops"], adopt: true } };
        expect(await new Stack(world, "other").up({ mappings })).toEqual([]);
      },
      drift: { entry: expect.stringContaining("was taken over by") },
    },
  ];
  it.for(rows)(
    "shows what a preview restores or refuses, and stores no content of other entries: $change",
    async ({ mapping = dev, by, drift, groups = dev.groups }, { world, stack }) => {
      const mappings = { dev: mapping };
      await stack.up({ mappings });
      const before = stack.states.get("dev");
      await by(world);
      const isShown = drift !== undefined || groups !== dev.groups;
      expect(await stack.refresh()).toEqual(isShown ? ["dev"] : []);
      expect(stack.states.get("dev")).toEqual({
        ...before,
        inputs: { ...before?.inputs, groups },
        outs: { ...before?.outs, groups, ...(drift && { drift }) },
      });
      expect(stack.messages.some((message) => /(?:drift|adoption) of/.test(message))).toBe(isShown);
    },
  );

  const removedBy = (write: string) => `entry: was removed from the cluster${write}; pulumi up restores it`;
  it.for<readonly [change: string, by: (world: World) => unknown, expected: string, mapping?: object]>([
    [
      "changed",
      (world) => world.edit(() => entryText("dev", "other: ops")),
      `username: the cluster has "other"${byEdit}; pulumi up restores "dev"; groups: the cluster has "ops"${byEdit}; pulumi up restores "viewers"`,
    ],
    ["removed", (world) => world.edit(() => "[]\n"), removedBy(byEdit)],
    ["removed with the claims", (world) => world.empty("map"), removedBy(byEdit)],
    [
      "removed, and another list is written later",
      (world) => {
        world.edit(() => "[]\n");
        world.lastWrites = { ...world.lastWrites, mapUsers: { writer: "eksctl", at: new Date() } };
      },
      removedBy(byEdit),
    ],
    ["removed from one of two places", (world) => world.edit(() => "[]\n"), removedBy(byEdit), both],
    [
      "removed, and the server does not record the writer",
      (world) => {
        world.edit(() => "[]\n");
        world.lastWrites = {};
      },
      removedBy(""),
    ],
    [
      "removed, and this provider writes the list for another mapping",
      async (world) => {
        world.edit(() => "[]\n");
        await new Stack(world, "other").up({ mappings: { other: roleOf("other") } });
      },
      removedBy(""),
    ],
    [
      "overridden",
      (world) => world.edit((text) => text + entryText("dev", "dev: ops")),
      `entry: is overridden by mapRoles entry 2: username "dev", groups ["ops"]${byEdit}; pulumi up restores its effect`,
    ],
    [
      "without its claim",
      (world) => world.dropClaims("map"),
      "claim: was removed from the cluster; pulumi up restores it",
    ],
    [
      "changed in access entries",
      (world) => world.put("dev", { ...[...world.entries.values()][0], groups: ["ops"] }),
      'groups: the cluster has "ops" (last changed 1970-01-01 00:00 UTC); pulumi up restores "viewers"',
      { ...dev, authenticationMode: "API" },
    ],
    [
      "removed from access entries",
      (world) => world.empty("entries"),
      removedBy(""),
      { ...dev, authenticationMode: "API" },
    ],
  ])(
    "reports an entry that is %s in the same words as a preview, with the last writer",
    async ([, by, expected, mapping = dev], { world, stack }) => {
      const mappings = { dev: { ...mapping } };
      await stack.up({ mappings });
      await by(world);
      const { messages } = await stack.preview({ mappings });
      expect(driftIn(messages)).toEqual([`warning: drift of arn "${arn}": ${expected}`]);
      await stack.refresh();
      expect(driftIn(stack.messages)).toEqual(driftIn(messages));
    },
  );

  it("keeps the mode of the program if one of two entries is gone, and allows a change to the content", async ({
    world,
    stack,
  }) => {
    await stack.up({ mappings: { dev: both } });
    world.empty("entries");
    expect(await stack.refresh()).toEqual(["dev"]);
    const changed = { mappings: { dev: { ...both, groups: ["ops"] } } };
    expect(await stack.up(changed)).toEqual([]);
    expect([world.mapContents("dev"), world.entryContent("dev")]).toEqual([["dev: ops"], "dev: ops"]);
  });

  it("shows drift until an update or a manual edit has restored the entry", async ({ world, stack }) => {
    const mappings = { dev: both };
    const unchanged = { refused: [], steps: { dev: "same" }, shown: { dev: {} }, messages: [] };
    await stack.up({ mappings });
    const edit = (from: string, to: string) => world.edit((text) => text.replace(from, to));
    edit("viewers", "ops");
    await stack.refresh();
    expect(await stack.refresh()).toEqual(["dev"]);
    expect(await stack.up({ mappings })).toEqual([]);
    expect(await stack.preview({ mappings })).toEqual(unchanged);
    expect(await stack.refresh()).toEqual([]);
    edit("viewers", "ops");
    await stack.refresh();
    edit("ops", "viewers");
    expect(await stack.preview({ mappings })).toEqual(unchanged);
  });
});

describe("an import", () => {
  const found = (world: World, id: string, mode?: string) => findImport(runOn(world, mode), id);

  base("reads the entry of aws-auth by its ARN, and the next up claims it", async ({ world, stack }) => {
    world.edit(() => entryText("dev"));
    const read = await found(world, arn);
    expect(read).toMatchObject({
      id: `eks:eu-central-1/111122223333/prod/${arn}`,
      props: { ...dev, cluster: { name: "prod" } },
      inputs: dev,
    });
    expect(world.calls.filter((call) => call.startsWith("write"))).toEqual([]);
    const props = { ...read?.props };
    stack.states.set("dev", { id: read?.id ?? "", inputs: props, outs: props, isPartial: false });
    expect(await stack.refresh()).toEqual([]);
    expect(await stack.up({ mappings: { dev } })).toEqual([]);
    expect(world.remainingClaims).toEqual([expect.stringContaining("infra/prod dev")]);
  });

  base.for(["API", "API_AND_CONFIG_MAP"])("reads the access entry in mode %s", async (mode, { world }) => {
    world.put("dev", { groups: ["viewers"] });
    expect(await found(world, arn, mode)).toMatchObject({
      props: { groups: ["viewers"], authenticationMode: mode, __accessEntry: { principalArn: arn } },
      inputs: { arn, groups: ["viewers"] },
    });
  });

  base("returns nothing if the configured mode has no entry", async ({ world }) => {
    world.put("dev");
    expect(await found(world, arn)).toBeUndefined();
  });

  base("refuses an access entry that a mapping cannot be", async ({ world }) => {
    world.put("dev", { type: "HYBRID_LINUX" });
    await expect(found(world, arn, "API")).rejects.toThrow(/cannot be imported .* outside this package$/);
  });

  base.for([
    ["an ID that names no mapping", "nonsense", entryText("dev"), /is not the ID of an IdentityMapping/],
    [
      "content that no program can declare",
      arn,
      entryText("dev", "dev: {{Unknown}}"),
      /cannot be imported .* adopt: true/,
    ],
  ] as const)("refuses %s", async ([, id, text, reason], { world }) => {
    world.edit(() => text);
    await expect(found(world, id)).rejects.toThrow(reason);
  });
});
