import { describe, expect } from "vitest";
import { create } from "../../provider/lifecycle/apply.ts";
import { check } from "../../provider/lifecycle/check.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { dev, it } from "../support/lifecycle/fixture.ts";
import { runOn, Stack } from "../support/lifecycle/stack.ts";
import { roleOf, World } from "../support/lifecycle/world.ts";

const inMode = (authenticationMode: string, mapping = dev) => ({
  mappings: { dev: { ...mapping, authenticationMode } },
});
const [both, api, map] = [inMode("API_AND_CONFIG_MAP"), inMode("API"), inMode("CONFIG_MAP")];

it("refuses to create a second resource of one principal", async ({ world }) => {
  const run = runOn(world);
  const context = (name: string) => ({ urn: `urn:${name}`, ignoreChanges: [], isPreview: false, secrets: [] });
  await check(run, parseState({}), dev, context("first"));
  const { inputs = {} } = await check(run, parseState({}), dev, context("second"));
  await expect(create(run, parseState(inputs))).rejects.toMatchObject({ code: "duplicateArn" });
  expect(world.mapContents("dev")).toEqual([]);
});

it.for([
  [api, "entries", "map"],
  [map, "map", "entries"],
] as const)("reads the remaining place again before it leaves the other one: %#", async (places, { world, stack }) => {
  const [program, stays, left] = places;
  await stack.up(both);
  const errors = await stack.up(program, undefined, () => world.empty(stays));
  expect(errors).toEqual([expect.stringContaining("does not match the state")]);
  expect(world.contentsIn(left, "dev")).toHaveLength(1);
  expect(world.contentsIn(stays, "dev")).toHaveLength(1);
  expect(await stack.up(both)).toEqual([]);
});

it("leaves a place in one step, and needs no update afterwards", async ({ world, stack }) => {
  await stack.up(both);
  expect(await stack.up(api)).toEqual([]);
  expect([world.mapContents("dev").length, world.contentsIn("entries", "dev").length]).toEqual([0, 1]);
  expect((await stack.preview(api)).steps).toEqual({ dev: "same" });
});

describe("an update after a partially failed run", () => {
  /** A create in both places whose access entry was refused. */
  const createHalf = async (ignoreChanges: readonly string[]) => {
    for (let at = 1; at < 20; at++) {
      const world = new World();
      const stack = new Stack(world);
      await stack.up({ ...both, ignoreChanges }, { at, kind: "refuse" });
      if (world.mapContents("dev").length === 1 && world.entryContent("dev") === undefined) {
        return { world, stack };
      }
    }
    throw new Error("No run fails between the two places");
  };
  const changed = inMode("API_AND_CONFIG_MAP", roleOf("dev", "dev: ops"));

  it.for([
    ["with the same program", both, () => {}],
    ["with other content", changed, () => {}],
    ["with ignored content", { ...both, ignoreChanges: ["groups"] }, () => {}],
    ["after an edit of the map", both, (world: World) => world.edit((text) => text.replace("viewers", "edited"))],
    ["after the claims were lost", both, (world: World) => world.dropClaims("map")],
  ] as const)("writes the place that is missing, %s", async ([, program, meanwhile]) => {
    const { world, stack } = await createHalf("ignoreChanges" in program ? program.ignoreChanges : []);
    meanwhile(world);
    expect((await stack.preview(program)).refused).toEqual([]);
    expect(await stack.up(program)).toEqual([]);
    expect(world.mapContents("dev")).toEqual([world.entryContent("dev")]);
    expect((await stack.preview(program)).steps).toEqual({ dev: "same" });
  });

  it.for([
    [api, "entries"],
    [map, "map"],
  ] as const)("finishes leaving a place with different content: %#", async ([program, stays], { world, stack }) => {
    await stack.up(both);
    await stack.up(program, undefined, () => world.empty(stays));
    const next = inMode(String(program.mappings.dev.authenticationMode), roleOf("dev", "dev: ops"));
    expect(await stack.up(next)).toEqual([]);
    expect(world.contentsIn(stays, "dev")).toEqual(["dev: ops"]);
  });
});

it("does not report a lost claim for an imported mapping, which has none", async ({ world, stack }) => {
  await stack.up({ mappings: { dev } });
  const stored = stack.states.get("dev");
  world.dropClaims("map");
  const lost = await stack.preview({ mappings: { dev } });
  expect(lost.shown["dev"]).toMatchObject({ drift: { claim: expect.stringContaining("was removed") } });
  const without = (properties: Readonly<Record<string, unknown>> = {}) => ({ ...properties, __claim: undefined });
  stack.states.set("dev", {
    id: stored?.id ?? "",
    inputs: without(stored?.inputs),
    outs: without(stored?.outs),
    isPartial: false,
  });
  const imported = await stack.preview({ mappings: { dev } });
  expect(imported).toMatchObject({ steps: { dev: "update" }, shown: { dev: {} } });
  expect(imported.messages.join()).not.toContain("was removed");
});
