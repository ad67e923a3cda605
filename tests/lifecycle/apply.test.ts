import { expect } from "vitest";
import { dev, it, modes } from "../support/lifecycle/fixture.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { World } from "../support/lifecycle/world.ts";

const inBoth = { mappings: { dev: { ...dev, authenticationMode: "API_AND_CONFIG_MAP" } } };

it.for(modes)(
  "creates, updates and deletes a mapping in mode %s, and leaves nothing",
  async (mode, { world, stack }) => {
    const expectStored = (content: string) => {
      expect(world.mapContents("dev")).toEqual(mode === "API" ? [] : [content]);
      expect(world.entryContent("dev")).toBe(mode === "CONFIG_MAP" ? undefined : content);
    };
    const mapping = { ...dev, authenticationMode: mode };
    expect(await stack.up({ mappings: { dev: mapping } })).toEqual([]);
    expectStored("dev: viewers");
    expect((await stack.preview({ mappings: { dev: mapping } })).steps).toEqual({ dev: "same" });
    expect(await stack.up({ mappings: { dev: { ...mapping, groups: ["ops"] } } })).toEqual([]);
    expectStored("dev: ops");
    expect(await stack.destroy()).toEqual([]);
    expect([world.mapContents("dev"), world.entryContent("dev"), world.remainingClaims]).toEqual([[], undefined, []]);
  },
);

it.for([
  ["API", (world: World) => world.entries.clear()],
  ["CONFIG_MAP", (world: World) => world.edit(() => "[]\n")],
] as const)(
  "keeps both places if the one that mode %s needs is emptied between check and update",
  async ([mode, empty], { world, stack }) => {
    expect(await stack.up(inBoth)).toEqual([]);
    const step = { mappings: { dev: { ...dev, authenticationMode: mode } } };
    expect(await stack.up(step, undefined, () => empty(world))).toEqual([
      expect.stringContaining("does not leave its other place"),
    ]);
    expect([world.mapContents("dev"), world.entryContent("dev")]).toEqual([["dev: viewers"], "dev: viewers"]);
  },
);

it("stores that a step to mode API released the map, whichever call fails after it", async () => {
  const stored: unknown[] = [];
  for (let at = 1, errors: readonly string[] = ["none yet"]; errors.length > 0; at++) {
    const world = new World();
    const stack = new Stack(world);
    await stack.up(inBoth);
    errors = await stack.up({ mappings: { dev: { ...dev, authenticationMode: "API" } } }, { at, kind: "refuse" });
    if (errors.length > 0 && world.mapContents("dev").length === 0) {
      stored.push(stack.states.get("dev")?.outs["authenticationMode"]);
    }
  }
  expect(new Set(stored)).toEqual(new Set(["API"]));
});
