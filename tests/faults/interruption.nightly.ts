import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doors } from "../support/doors/door.ts";
import { type Fault, planOf, writes } from "../support/proxy/fault.ts";
import { seededRandom } from "../support/proxy/seededRandom.ts";
import { FaultyStack } from "./faultyStack.ts";
import { type Interrupted, type Interruption, interrupt, interruptions, mendBackend, recover } from "./interruption.ts";
import { seed } from "./seed.ts";

const moments = Number(process.env["FAULT_MOMENTS"] ?? 8);

/** Within how many milliseconds a run is ended at first. A moment after its end ends nothing, is not counted, and makes the later ones earlier. */
const longestRun = 3_000;

describe.each(doors)("through the $name", (door) => {
  const random = seededRandom(seed);
  let stack: FaultyStack;
  beforeAll(async () => {
    stack = await FaultyStack.create(door);
  });
  afterAll(() => stack?.remove());

  it("a stack is whole again after its runs are ended at random moments, and the map with it", async () => {
    console.log(`FAULT_SEED=${seed} FAULT_MOMENTS=${moments}`);
    const hits = new Map<Interruption, number>();
    const codes = new Map<string, number>();
    let emptyAttributes = 0;
    let group = "viewers";
    let runTime = longestRun;
    const isMissing = () => hits.size < interruptions.length;
    for (let isUp = false, moment = 1; moment <= moments || (isMissing() && moment <= 3 * moments); moment++) {
      // What is up is taken away or changed, so that there are runs that create, that update and that delete.
      const command: "up" | "destroy" = isUp && random.next() < 0.8 ? "destroy" : "up";
      if (command === "up") {
        group = group === "viewers" ? "editors" : "viewers";
        await stack.program(group);
      }
      const interruption = interruptions[(moment - 1) % interruptions.length] ?? "the CLI";
      const { hit, code } = await interruptAnywhere(command, interruption, runTime);
      if (hit) {
        hits.set(interruption, (hits.get(interruption) ?? 0) + 1);
      } else {
        runTime *= 0.7;
      }
      if (await mendBackend(stack)) {
        emptyAttributes++;
      }
      await recover(stack, command);
      isUp = command === "up";
      await (isUp ? stack.expectUp(group) : stack.expectDestroyed());
      if (isUp && moment % 5 === 0) {
        expect(await stack.project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      }
      const kind = `${command} ended by ${interruption}, exit code ${code}`;
      codes.set(kind, (codes.get(kind) ?? 0) + 1);
    }
    console.log(hits, codes, `empty attributes left in the backend: ${emptyAttributes}`);
    expect([...hits.keys()].toSorted()).toEqual([...interruptions].toSorted());
  }, 3_600_000);

  /** Half of the moments lie at a write, before or after it takes effect; the others anywhere. */
  function interruptAnywhere(
    command: "up" | "destroy",
    interruption: Interruption,
    runTime: number,
  ): Promise<Interrupted> {
    if (random.next() < 0.5) {
      const after = random.below(runTime);
      return interrupt(stack, command, interruption, (strike) => void setTimeout(after).then(strike));
    }
    const skip = random.below(4);
    const fault = random.pick<Fault>([{ kind: "cutAfter" }, { kind: "delay", milliseconds: random.below(300) }]);
    return interrupt(stack, command, interruption, (meanwhile) => {
      stack.proxy.reset(planOf({ on: writes, skip, fault: { ...fault, meanwhile } }));
    });
  }
});
