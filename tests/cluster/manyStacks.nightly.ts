import { expect, it } from "vitest";
import { seed } from "../faults/seed.ts";
import { expectManyStacks } from "../support/cluster/manyStacks.ts";

it("eight stacks, half of them of the resource plugin, that share ten mappings, three killed on each way, keep what they want and leave nothing behind", {
  timeout: 900_000,
}, async () => {
  const result = await expectManyStacks({ stacks: 8, mappings: 25, shared: 10, native: 4, killed: 3 }, seed);
  console.log(`FAULT_SEED=${seed}`, result);
  expect(result["kills"]).toBeGreaterThan(3);
  expect(result["kept"]).toBeGreaterThan(10);
});
