import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Door } from "../support/doors/door.ts";
import { seasonedData } from "../support/engine/manifest.ts";
import type { Outcome } from "../support/engine/testProject.ts";
import { seededFaults } from "../support/proxy/seededFaults.ts";
import { seededRandom } from "../support/proxy/seededRandom.ts";
import { FaultyStack } from "./faultyStack.ts";
import { ForeignWriter } from "./foreignWriter.ts";
import { seed } from "./seed.ts";

const plans = Number(process.env["FAULT_PLANS"] ?? 5);

/** The suite of random faults for a door. Each door has a file of its own, so that they run side by side. */
export function describeRandomFaults(door: Door): void {
  describe(`through the ${door.name}`, () => {
    let stack: FaultyStack;
    beforeAll(async () => {
      stack = await FaultyStack.create(door);
    });
    afterAll(() => stack?.remove());

    it("up and destroy end right or with a clear error under random faults, and the next run converges", async () => {
      await expectRightUnderRandomFaults(stack);
    }, 3_600_000);
  });
}

async function expectRightUnderRandomFaults(stack: FaultyStack): Promise<void> {
  console.log(`FAULT_SEED=${seed} FAULT_PLANS=${plans}`);
  let injected = 0;
  let failed = 0;
  const faulty = async (number: number, foreign: ForeignWriter, command: "up" | "destroy"): Promise<Outcome> => {
    stack.proxy.reset(seededFaults(seededRandom(number), 0.6, () => foreign.write()));
    const outcome = await stack.project[command]();
    expect(outcome.output).not.toMatch(/^\s+at /m);
    if (outcome.code !== 0) {
      failed++;
      expect(outcome.output).toMatch(/error: .*the cluster of context "deployer"/);
    }
    await stack.proxy.settled();
    injected += stack.proxy.faults;
    stack.proxy.reset();
    return outcome;
  };
  for (let number = 0; number < plans; number++) {
    await stack.map.reset(seasonedData);
    const foreign = new ForeignWriter(stack.cluster);
    for (const group of ["viewers", "editors"]) {
      await stack.program(group);
      const up = await faulty(seed + number, foreign, "up");
      if (up.code !== 0) {
        expect(await stack.project.up()).toMatchObject({ code: 0 });
      }
      await stack.expectUp(group, foreign.added);
    }
    const destroy = await faulty(seed - number, foreign, "destroy");
    if (destroy.code !== 0) {
      expect(await stack.project.destroy()).toMatchObject({ code: 0 });
    }
    await stack.expectDestroyed(foreign.added);
  }
  console.log(`${3 * plans} runs with ${injected} faults, ${failed} of them ended with a clear error; nothing is lost`);
  expect(injected).toBeGreaterThan(plans);
}
