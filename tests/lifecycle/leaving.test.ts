import { beforeEach, expect, it } from "vitest";
import { update } from "../../provider/lifecycle/apply.ts";
import { check } from "../../provider/lifecycle/check.ts";
import { Run } from "../../provider/lifecycle/run.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { roleArn, World } from "../support/lifecycle/world.ts";

beforeEach(() => void Object.assign(entryLimits, { inForce: 0, shown: { total: 100, first: 1, most: 1 } }));

const dev = { arn: roleArn("dev"), username: "dev", groups: ["viewers"] };

it.each([
  ["API", (world: World) => world.entries.clear()],
  ["CONFIG_MAP", (world: World) => world.edit(() => "[]\n")],
] as const)(
  "keeps both places if the one that mode %s needs is emptied between check and update",
  async (mode, empty) => {
    const world = new World();
    const stack = new Stack(world);
    expect(await stack.up({ mappings: { dev: { ...dev, authenticationMode: "API_AND_CONFIG_MAP" } } })).toEqual([]);
    const { id = "", inputs = {}, outs = {} } = stack.states.get("dev") ?? {};
    const run = new Run(world.wayTo);
    run.settings = { config: () => undefined, env: {}, cwd: "/" };
    const context = { urn: undefined, ignoreChanges: [], isPreview: false, secrets: [] };
    const given = { ...dev, cluster: inputs["cluster"], authenticationMode: mode };
    const checked = await check(run, parseState(inputs), given, context);
    expect(checked.failures ?? []).toEqual([]);
    empty(world);
    const updated = update(run, id, parseState(outs), parseState(checked.inputs ?? {}));
    await expect(updated).rejects.toThrow("does not leave its other place");
    expect([world.mapped("dev"), world.entered("dev")]).toEqual([["dev: viewers"], "dev: viewers"]);
  },
);

it("stores that a step to mode API released the map, whichever call fails after it", async () => {
  const stored: unknown[] = [];
  for (let at = 1, errors: readonly string[] = ["none yet"]; errors.length > 0; at++) {
    const world = new World();
    const stack = new Stack(world);
    await stack.up({ mappings: { dev: { ...dev, authenticationMode: "API_AND_CONFIG_MAP" } } });
    errors = await stack.up({ mappings: { dev: { ...dev, authenticationMode: "API" } } }, { at, kind: "refuse" });
    if (errors.length > 0 && world.mapped("dev").length === 0) {
      stored.push(stack.states.get("dev")?.outs["authenticationMode"]);
    }
  }
  expect(new Set(stored)).toEqual(new Set(["API"]));
});
