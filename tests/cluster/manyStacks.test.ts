import { expect, it } from "vitest";
import { seed } from "../faults/seed.ts";
import { expectManyStacks } from "../support/cluster/manyStacks.ts";

it("three stacks, one of them of the resource plugin, that share mappings, one killed on each way, keep what they want and leave nothing behind", async () => {
  const result = await expectManyStacks({ stacks: 3, mappings: 6, shared: 3, native: 1, killed: 1 }, seed);
  console.log(`FAULT_SEED=${seed}`, result);
  expect(result["kept"]).toBeGreaterThan(0);
});
