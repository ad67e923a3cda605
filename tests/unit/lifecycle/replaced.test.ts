import { beforeEach, describe, expect, it, vi } from "vitest";
import { ProgramStack } from "../../faults/programStack.ts";
import type { AuthenticationMode } from "../../support/eks/state.ts";
import { hear } from "../../support/hear.ts";
import { account, type EntriesWorld } from "../cluster/eks/entriesWorld.ts";
import { programWorld } from "./programWorld.ts";

const mapping = (role: string, group = "viewers") => ({
  arn: `arn:aws:iam::${account}:role/${role}`,
  username: role,
  groups: [group],
});
const modes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

/** What a program says before and after, and what of it is told. */
const changes = [
  ["a new ARN", { x: mapping("a") }, { x: mapping("b") }, false],
  ["a new ARN, and other groups", { x: mapping("a") }, { x: mapping("b", "ops") }, false],
  ["the ARN of what goes", { x: mapping("a"), y: mapping("b") }, { x: mapping("b") }, false],
  ["another name", { x: mapping("a") }, { y: mapping("a") }, false],
  ["another name, and other groups", { x: mapping("a") }, { y: mapping("a", "ops") }, true],
  ["each other's ARN", { x: mapping("a"), y: mapping("b") }, { x: mapping("b"), y: mapping("a") }, false],
  [
    "each other's ARN, and groups",
    { x: mapping("a"), y: mapping("b") },
    { x: mapping("b", "ops"), y: mapping("a") },
    true,
  ],
] as const;

describe("a mapping that the engine replaces, which it checks twice, goes through at once", () => {
  let world: EntriesWorld;
  let stack: ProgramStack;
  const told: string[] = [];
  beforeEach(async () => {
    hear(told);
    ({ world, stack } = await programWorld(mapping("a").arn, mapping("b").arn));
    return () => vi.restoreAllMocks();
  });

  /** Who gets which groups, in each place. */
  function access() {
    const entries = world.aws
      .entries("prod")
      .map(({ principalArn, kubernetesGroups: [group] }) => [principalArn, group]);
    const map = world.kubernetes.data?.["mapRoles"] ?? "";
    const inMap = Array.from(map.matchAll(/- groups:\n +- (.*)\n +rolearn: (.*)/g), ([, group, arn]) => [arn, group]);
    return { entries: entries.toSorted(), map: inMap.toSorted() };
  }

  function wanted(program: Readonly<Record<string, ReturnType<typeof mapping>>>, mode: AuthenticationMode) {
    const all = Object.values(program).map(({ arn, groups: [group] }) => [arn, group]);
    return { entries: mode === "CONFIG_MAP" ? [] : all.toSorted(), map: mode === "API" ? [] : all.toSorted() };
  }

  it.each(modes.flatMap((mode) => changes.map(([title, ...rest]) => [title, mode, ...rest] as const)))(
    "with %s, in mode %s",
    async (_title, mode, before, after, isTold) => {
      expect(await stack.up({ mappings: before, mode })).toEqual([]);
      expect(await stack.up({ mappings: after, mode })).toEqual([]);
      expect(told.some((text) => text.startsWith("warning"))).toBe(isTold);
      expect(access()).toEqual(wanted(after, mode));
      expect(await stack.plan({ mappings: after, mode })).toEqual({});
      expect(await stack.destroy({ mode })).toEqual([]);
      expect([access(), world.kubernetes.annotations]).toEqual([wanted({}, mode), {}]);
    },
  );

  it.each(modes)("and is told in mode %s of what a stack of its name in another backend has there", async (mode) => {
    const elsewhere = new ProgramStack("prod");
    expect(await elsewhere.up({ mappings: { x: mapping("b") }, mode })).toEqual([]);
    expect(await stack.up({ mappings: { x: mapping("a") }, mode })).toEqual([]);
    expect(await stack.preview({ mappings: { x: mapping("b", "ops") }, mode })).toEqual([]);
    expect(told.join()).toContain("is claimed already under the name of this resource");
  });
});
