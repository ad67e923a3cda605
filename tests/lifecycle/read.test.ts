import { beforeEach, expect, it } from "vitest";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { roleArn, World } from "../support/lifecycle/world.ts";

beforeEach(() => void Object.assign(entryLimits, { inForce: 0, shown: { total: 100, first: 1, most: 1 } }));

const dev = { arn: roleArn("dev"), username: "dev", groups: ["viewers"] };
const both = { ...dev, authenticationMode: "API_AND_CONFIG_MAP" };

async function started(mapping: Readonly<Record<string, unknown>>) {
  const world = new World();
  const stack = new Stack(world);
  expect(await stack.up({ mappings: { dev: mapping } })).toEqual([]);
  const read = async () => {
    await stack.refresh();
    expect(world.calls.filter((call) => !/^(?:read|list)/.test(call))).toEqual([]);
    return stack.states.get("dev");
  };
  return { world, stack, read };
}

it("keeps a state that agrees as it is", async () => {
  const { stack, read } = await started(both);
  const before = stack.states.get("dev");
  expect(await read()).toEqual(before);
});

it("returns outside changes, also as inputs", async () => {
  const { world, read } = await started(dev);
  world.edit((text) => text.replace("viewers", "ops"));
  expect(await read()).toMatchObject({ outs: { groups: ["ops"] }, inputs: { groups: ["ops"] } });
});

it("reads the access entry of a mapping that is in both places", async () => {
  const { world, read } = await started(both);
  world.edit((text) => text.replace("viewers", "unseen"));
  const entry = [...world.entries.values()][0];
  world.put("dev", { ...entry, groups: ["ops"] });
  expect(await read()).toMatchObject({ outs: { groups: ["ops"] } });
});

it.each([
  ["aws-auth", "API", (world: World) => world.edit(() => "[]\n")],
  ["the access entries", "CONFIG_MAP", (world: World) => world.entries.clear()],
])("keeps the place that still has the mapping when it is gone from %s", async (_place, mode, remove) => {
  const { world, stack, read } = await started(both);
  remove(world);
  world.claims = mode === "API" ? undefined : world.claims;
  expect(await read()).toMatchObject({ outs: { authenticationMode: mode } });
  expect(await stack.up({ mappings: { dev: both } })).toEqual([]);
  expect([world.mapped("dev"), world.entered("dev")]).toEqual([["dev: viewers"], "dev: viewers"]);
});

it("drops a mapping that neither place has", async () => {
  const { world, read } = await started(both);
  world.edit(() => "[]\n");
  world.claims = undefined;
  world.entries.clear();
  expect(await read()).toBeUndefined();
});

it("keeps a mapping whose entry is gone while its claim is there", async () => {
  const { world, stack, read } = await started(dev);
  world.edit(() => "[]\n");
  expect(await read()).toBeDefined();
  expect(await stack.destroy()).toEqual([]);
  expect(world.left).toEqual([]);
});

it("reads of several entries the one that the state has", async () => {
  const { world, read } = await started(dev);
  world.edit((text) => `${text}- rolearn: ${dev.arn}\n  username: other\n  groups: ["others"]\n`);
  expect(await read()).toMatchObject({ outs: { username: "dev", groups: ["viewers"] } });
});
