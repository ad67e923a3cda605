import { expect } from "vitest";
import { create } from "../../provider/lifecycle/apply.ts";
import { check } from "../../provider/lifecycle/check.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { dev, it } from "../support/lifecycle/fixture.ts";
import { runOn } from "../support/lifecycle/stack.ts";

const inMode = (authenticationMode: string) => ({ mappings: { dev: { ...dev, authenticationMode } } });
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
] as const)("reads the place that stays again before it leaves the other one: %#", async (places, { world, stack }) => {
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

it("reports no lost claim for an imported mapping, which has none", async ({ world, stack }) => {
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
