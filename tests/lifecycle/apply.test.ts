import { beforeEach, expect, it } from "vitest";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { roleArn, World } from "../support/lifecycle/world.ts";

const dev = { arn: roleArn("dev"), username: "dev", groups: ["viewers"] };

beforeEach(() => void Object.assign(entryLimits, { inForce: 0, shown: { total: 100, first: 1, most: 1 } }));

const modes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

it.each(modes)("creates, updates and deletes a mapping in mode %s, and leaves nothing", async (authenticationMode) => {
  const world = new World();
  const stack = new Stack(world);
  const mapping = { ...dev, authenticationMode };
  expect(await stack.up({ mappings: { dev: mapping } })).toEqual([]);
  expect(world.mapped("dev")).toEqual(authenticationMode === "API" ? [] : ["dev: viewers"]);
  expect(world.entered("dev")).toBe(authenticationMode === "CONFIG_MAP" ? undefined : "dev: viewers");
  expect((await stack.preview({ mappings: { dev: mapping } })).steps).toEqual({ dev: "same" });
  expect(await stack.up({ mappings: { dev: { ...mapping, groups: ["ops"] } } })).toEqual([]);
  expect(world.mapped("dev")).toEqual(authenticationMode === "API" ? [] : ["dev: ops"]);
  expect(world.entered("dev")).toBe(authenticationMode === "CONFIG_MAP" ? undefined : "dev: ops");
  expect(await stack.destroy()).toEqual([]);
  expect([world.mapped("dev"), world.entered("dev"), world.left]).toEqual([[], undefined, []]);
});
