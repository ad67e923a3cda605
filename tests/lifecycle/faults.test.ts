import { describe, expect, it } from "vitest";
import { adminPolicy } from "../support/accessEntries.ts";
import { dev, it as fixtureTest, modes } from "../support/lifecycle/fixture.ts";
import { type Program, Stack } from "../support/lifecycle/stack.ts";
import { roleOf, World } from "../support/lifecycle/world.ts";

type Mode = (typeof modes)[number];

const inMode = (authenticationMode: Mode, group = "viewers"): Program => ({
  mappings: {
    dev: { ...roleOf("dev", `dev: ${group}`), authenticationMode },
    admin: { ...roleOf("admin", "admin: system:masters"), authenticationMode },
  },
});
const emptyProgram: Program = { mappings: {} };

interface Scenario {
  readonly title: string;
  /** The program that runs before the fault. */
  readonly before?: Program;
  readonly program: Program;
}

const steps: readonly (readonly [Mode, Mode])[] = [
  ["CONFIG_MAP", "API_AND_CONFIG_MAP"],
  ["API_AND_CONFIG_MAP", "API"],
  ["API", "API_AND_CONFIG_MAP"],
  ["API_AND_CONFIG_MAP", "CONFIG_MAP"],
];

const scenarios: readonly Scenario[] = [
  ...modes.map((mode) => ({ title: `create in ${mode}`, program: inMode(mode) })),
  ...modes.map((mode) => ({ title: `update in ${mode}`, before: inMode(mode), program: inMode(mode, "ops") })),
  ...modes.map((mode) => ({ title: `delete in ${mode}`, before: inMode(mode), program: emptyProgram })),
  ...steps.map(([from, to]) => ({ title: `step from ${from} to ${to}`, before: inMode(from), program: inMode(to) })),
];

const kinds = ["refuse", "kill", "killAfter"] as const;

/** A cluster with another administrator, so that no change is a lock-out, and a stack that has run `before`. */
async function startScenario({ before }: Scenario) {
  const world = new World();
  world.put("keeper", { policies: [adminPolicy] });
  const stack = new Stack(world);
  expect(await stack.up(before ?? emptyProgram)).toEqual([]);
  return { world, stack };
}

/** The entries and claims of the cluster, without the random parts of IDs. */
function found(world: World) {
  const contents = ["dev", "admin"].map((name) => ({ map: world.mapContents(name), entry: world.entryContent(name) }));
  return { contents, claims: world.remainingClaims.map((line) => line.replace(/\.\w{6}/, "")).toSorted() };
}

/** Runs the program once without a fault, and returns the number of calls and the result. */
async function runWithoutFault(scenario: Scenario) {
  const { world, stack } = await startScenario(scenario);
  expect(await stack.up(scenario.program)).toEqual([]);
  return { calls: world.calls.length, end: found(world) };
}

/** A map without entries of either role, and no claims. */
const empty = { contents: [{ map: [] }, { map: [] }], claims: [] };

describe.each(scenarios)("$title", (scenario) => {
  it.each(kinds)("converges with another up after %s at any call, and can be destroyed", async (kind) => {
    const { calls, end } = await runWithoutFault(scenario);
    for (let at = 1; at <= calls; at++) {
      const { world, stack } = await startScenario(scenario);
      const gone: string[] = [];
      const kept = scenario.before === undefined ? [] : Object.keys(scenario.program.mappings);
      world.watch = () => void gone.push(...kept.filter((name) => !world.hasAccess(name)));
      await stack.up(scenario.program, { at, kind });
      const again = await stack.up(scenario.program);
      expect({ at, again, gone, ...found(world) }).toEqual({ at, again: [], gone: [], ...end });
      const preview = await stack.preview(scenario.program);
      expect(Object.values(preview.steps).filter((step) => step !== "same")).toEqual([]);
      expect({ at, errors: await stack.destroy(), ...found(world) }).toMatchObject({ at, errors: [], ...empty });
    }
  });
});

it.each(modes)("destroys in mode %s after any interrupted destroy", async (mode) => {
  const scenario: Scenario = { title: "", before: inMode(mode), program: emptyProgram };
  const { calls } = await runWithoutFault(scenario);
  for (let at = 1; at <= calls; at++) {
    for (const kind of kinds) {
      const { world, stack } = await startScenario(scenario);
      await stack.destroy({}, { at, kind });
      const errors = await stack.destroy();
      expect({ at, kind, errors, ...found(world) }).toMatchObject({ at, kind, errors: [], ...empty });
    }
  }
});

const inBothPlaces = { mappings: { dev: { ...dev, authenticationMode: "API_AND_CONFIG_MAP" } } };

fixtureTest.for(modes)(
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

it("stores that a step to mode API has released the map, whichever later call fails", async () => {
  const stored: unknown[] = [];
  // A refusal of IAM fails nothing.
  for (let at = 1, isOver = false; !isOver; at++) {
    const world = new World();
    const stack = new Stack(world);
    await stack.up(inBothPlaces);
    const errors = await stack.up({ mappings: { dev: { ...dev, authenticationMode: "API" } } }, { at, kind: "refuse" });
    isOver = world.calls.length < at;
    if (errors.length > 0 && world.mapContents("dev").length === 0) {
      stored.push(stack.states.get("dev")?.outs["authenticationMode"]);
    }
  }
  expect(new Set(stored)).toEqual(new Set(["API"]));
});
