import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MovesOnEngine } from "../../support/eks/movesOnEngine.ts";
import type { AuthenticationMode } from "../../support/eks/state.ts";
import { planOf, writes } from "../../support/proxy/fault.ts";
import { seededRandom } from "../../support/proxy/seededFaults.ts";
import { variants } from "../../support/variants/variant.ts";
import { seed } from "./entries.ts";
import { interrupt, recover } from "./interruption.ts";

const moments = Number(process.env["FAULT_MOMENTS"] ?? 3);

/** There and back, step by step. */
const steps: readonly AuthenticationMode[] = ["API_AND_CONFIG_MAP", "API", "API_AND_CONFIG_MAP", "CONFIG_MAP"];

/** Where a run is ended: before or after the n-th call of EKS, the n-th that changes something, or the n-th write of aws-auth. */
interface Moment {
  readonly of: "calls" | "changes" | "writes of the map";
  readonly number: number;
  readonly isDone: boolean;
}

describe.each(variants)("a move on the engine, through the $name", (variant) => {
  let moves: MovesOnEngine;
  beforeAll(async () => {
    moves = await MovesOnEngine.start(variant);
  }, 900_000);
  afterAll(() => moves?.stop());

  it("that is killed removes no access that the order protects, and is finished by the next run", {
    timeout: 7_200_000,
  }, async () => {
    console.log(`FAULT_SEED=${seed} FAULT_MOMENTS=${moments}`);
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
      const look = async () => {
        for (const name of await moves.unprotected()) {
          lost.add(`${name}, to ${to}, ${interruption}, ${JSON.stringify(at)}`);
        }
      };
      await moves.inMode(to);
      const { hit } = await watched(look, () =>
        interrupt({ project, proxy }, "up", interruption, (strike) => arrange(at, strike, look)),
      );
      hits += hit ? 1 : 0;
      await look();
      await recover({ project, proxy }, "up");
      await look();
      expect({ at, less: await moves.accessLosses() }).toEqual({ at, less: [] });
      await moves.expectMoved(to);
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    }
    expect([...lost]).toEqual([]);
    expect(hits).toBe(moments);
  });

  /** Strikes at a moment, and looks who has access after each call of EKS. */
  function arrange({ of, number, isDone }: Moment, strike: () => Promise<void>, look: () => Promise<void>): void {
    const { aws, proxy } = moves.world;
    let counted = 0;
    const count = async (operation: string) => {
      const isCounted = of === "calls" || (of === "changes" && !/^(Describe|List|Get)/.test(operation));
      if (isCounted && ++counted === number) {
        await strike();
      }
    };
    aws.before = async ({ operation }) => {
      await (isDone ? undefined : count(operation));
      return undefined;
    };
    aws.after = async ({ operation }) => {
      await look();
      await (isDone ? count(operation) : undefined);
      return undefined;
    };
    if (of === "writes of the map") {
      const fault = { kind: isDone ? "cutAfter" : "cutBefore", meanwhile: strike } as const;
      proxy.reset(planOf({ on: writes, skip: number - 1, fault }));
    }
  }

  /** Looks all the time while something runs. */
  async function watched<T>(look: () => Promise<void>, run: () => Promise<T>): Promise<T> {
    let isOver = false;
    const looking = (async () => {
      while (!isOver) {
        await look();
        await setTimeout(20);
      }
    })();
    try {
      return await run();
    } finally {
      isOver = true;
      await looking;
      Object.assign(moves.world.aws, { before: undefined, after: undefined });
    }
  }
});
