import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MovesOnEngine } from "../../support/eks/movesOnEngine.ts";
import type { AuthenticationMode } from "../../support/eks/state.ts";
import { planOf, writes } from "../../support/proxy/fault.ts";
import { seededRandom } from "../../support/proxy/seededFaults.ts";
import { seed } from "../../support/seed.ts";
import { variants } from "../../support/variants/variant.ts";
import { interrupt, recover } from "./interruption.ts";

const moments = Number(process.env["FAULT_MOMENTS"] ?? 3);

/** From CONFIG_MAP to API and back, one step at a time. */
const steps: readonly AuthenticationMode[] = ["API_AND_CONFIG_MAP", "API", "API_AND_CONFIG_MAP", "CONFIG_MAP"];

/** When a run is killed: before or after the n-th EKS call, the n-th EKS call that changes something, or the n-th write of aws-auth. */
interface Moment {
  readonly of: "calls" | "changes" | "writes of the map";
  readonly number: number;
  readonly isDone: boolean;
}

describe.each(variants)("a killed move on the engine, through the $name", (variant) => {
  let moves: MovesOnEngine;
  beforeAll(async () => {
    moves = await MovesOnEngine.start(variant);
  }, 900_000);
  afterAll(() => moves?.stop());

  it("removes no access that the order of writes protects, and is completed by the next run", {
    timeout: 7_200_000,
  }, async () => {
    const { project } = moves;
    const { proxy } = moves.world;
    const random = seededRandom(seed);
    const lost = new Set<string>();
    await moves.inMode("CONFIG_MAP");
    expect(await project.up()).toMatchObject({ code: 0 });
    let hits = 0;
    for (let tried = 0; hits < moments && tried < 3 * moments; tried++) {
      const to = steps[tried % steps.length] ?? "API";
      const of = random.pick(["changes", "writes of the map", "calls"] as const);
      const number = 1 + random.below({ calls: 16, changes: 5, "writes of the map": 2 }[of]);
      const at: Moment = { of, number, isDone: random.next() < 0.5 };
      const interruption = random.pick(["the CLI", "the provider", "the CLI and the provider"] as const);
      const checkAccess = async () => {
        for (const name of await moves.unprotected()) {
          lost.add(`${name}, to ${to}, ${interruption}, ${JSON.stringify(at)}`);
        }
      };
      await moves.inMode(to);
      const { hit } = await watched(checkAccess, () =>
        interrupt({ project, proxy }, "up", interruption, (trigger) => arrange(at, trigger, checkAccess)),
      );
      hits += hit ? 1 : 0;
      await checkAccess();
      await recover({ project, proxy }, "up");
      await checkAccess();
      expect({ at, less: await moves.accessLosses() }).toEqual({ at, less: [] });
      await moves.expectMoved(to);
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    }
    expect([...lost]).toEqual([]);
    expect(hits).toBe(moments);
  });

  /** Interrupts the run at a moment, and checks access after each EKS call. */
  function arrange(
    { of, number, isDone }: Moment,
    trigger: () => Promise<void>,
    checkAccess: () => Promise<void>,
  ): void {
    const { aws, proxy } = moves.world;
    let counted = 0;
    const count = async (operation: string) => {
      const isCounted = of === "calls" || (of === "changes" && !/^(Describe|List|Get)/.test(operation));
      if (isCounted && ++counted === number) {
        await trigger();
      }
    };
    aws.before = async ({ operation }) => {
      await (isDone ? undefined : count(operation));
      return undefined;
    };
    aws.after = async ({ operation }) => {
      await checkAccess();
      await (isDone ? count(operation) : undefined);
      return undefined;
    };
    if (of === "writes of the map") {
      const fault = { kind: isDone ? "cutAfter" : "cutBefore", meanwhile: trigger } as const;
      proxy.reset(planOf({ on: writes, skip: number - 1, fault }));
    }
  }

  /** Checks access continuously during a run. */
  async function watched<T>(checkAccess: () => Promise<void>, run: () => Promise<T>): Promise<T> {
    let isOver = false;
    const checking = (async () => {
      while (!isOver) {
        await checkAccess();
        await setTimeout(20);
      }
    })();
    try {
      return await run();
    } finally {
      isOver = true;
      await checking;
      Object.assign(moves.world.aws, { before: undefined, after: undefined });
    }
  }
});
