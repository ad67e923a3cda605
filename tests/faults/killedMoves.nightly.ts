import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doors } from "../support/doors/door.ts";
import { MovesOnEngine } from "../support/eks/movesOnEngine.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { type Fault, planOf, writes } from "../support/proxy/fault.ts";
import { seededRandom } from "../support/proxy/seededRandom.ts";
import { type Interruption, interrupt, recover } from "./interruption.ts";
import { seed } from "./seed.ts";

const moments = Number(process.env["FAULT_MOMENTS"] ?? 3);

/** There and back, step by step. */
const steps: readonly AuthenticationMode[] = ["API_AND_CONFIG_MAP", "API", "API_AND_CONFIG_MAP", "CONFIG_MAP"];

/** Where a run is ended: at the n-th call of EKS that comes, or that changes something, or at the n-th write of aws-auth. */
interface Moment {
  readonly of: "calls" | "changes" | "writes of the map";
  readonly number: number;
  readonly isDone: boolean;
  readonly interruption: Interruption;
}

describe.each(doors)("a move on the engine, through the $name", (door) => {
  let moves: MovesOnEngine;

  beforeAll(async () => {
    moves = await MovesOnEngine.start(door);
  }, 900_000);
  afterAll(() => moves?.stop());

  it("that is killed removes no access that the order protects, and is finished by the next run", async () => {
    console.log(`FAULT_SEED=${seed} FAULT_MOMENTS=${moments}`);
    const { world, project } = moves;
    const random = seededRandom(seed);
    const interruptions = ["the CLI", "the provider", "the CLI and the provider"] as const;
    const kinds = ["changes", "writes of the map", "calls"] as const;
    const lost = new Set<string>();
    const hits = new Map<string, number>();
    let unfinished = 0;
    let from: AuthenticationMode = "CONFIG_MAP";
    await moves.inMode(from);
    expect(await project.up()).toMatchObject({ code: 0 });
    for (let moment = 0, tried = 0; moment < moments && tried < 3 * moments; tried++) {
      const to = steps[tried % steps.length] ?? "API";
      const of = random.pick(kinds);
      const at: Moment = {
        of,
        number: 1 + random.below({ calls: 16, changes: 5, "writes of the map": 2 }[of]),
        isDone: random.next() < 0.5,
        interruption: random.pick(interruptions),
      };
      await moves.inMode(to);
      const note = async (when: string) => {
        for (const name of await moves.unprotected()) {
          lost.add(`${name} ${when}, ${from} to ${to}, ${JSON.stringify(at)}`);
        }
      };
      const { hit } = await kill(at, () => note("at a call"));
      await note("once it is killed");
      const less = await moves.lossesAtTheDoor();
      if (hit) {
        moment++;
        const kind = `${from} to ${to}, ${at.of}, ${at.interruption}`;
        hits.set(kind, (hits.get(kind) ?? 0) + 1);
        unfinished += less.length > 0 ? 1 : 0;
      }
      world.proxy.reset();
      await recover({ project, proxy: world.proxy }, "up");
      await note("in the end");
      expect({ at, less: await moves.lossesAtTheDoor() }).toEqual({ at, less: [] });
      await moves.expectMoved(to);
      expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
      from = to;
    }
    console.log(hits, `administrators without their policy until the next run: ${unfinished}`);
    expect([...lost]).toEqual([]);
    expect([...hits.values()].reduce((sum, count) => sum + count, 0)).toBe(moments);
  }, 7_200_000);

  /** Runs `up` and ends it, and looks who has access at each call of EKS, and all the time. */
  async function kill({ of, number, isDone, interruption }: Moment, look: () => Promise<void>) {
    const { project } = moves;
    const { aws, proxy } = moves.world;
    let isOver = false;
    const looking = (async () => {
      while (!isOver) {
        await look();
        await setTimeout(20);
      }
    })();
    try {
      return await interrupt({ project, proxy }, "up", interruption, (strike) => {
        if (of === "writes of the map") {
          const fault: Fault = isDone
            ? { kind: "cutAfter", meanwhile: strike }
            : { kind: "cutBefore", meanwhile: strike };
          proxy.reset(planOf({ on: writes, skip: number - 1, fault }));
          return;
        }
        let counted = 0;
        const count = async (operation: string) => {
          const isChange = !/^(Describe|List|Get)/.test(operation);
          if ((of === "calls" || isChange) && ++counted === number) {
            await strike();
          }
        };
        aws.before = async ({ operation }) => {
          if (!isDone) {
            await count(operation);
          }
          return undefined;
        };
        aws.after = async ({ operation }) => {
          await look();
          if (isDone) {
            await count(operation);
          }
          return undefined;
        };
      });
    } finally {
      isOver = true;
      await looking;
      aws.before = undefined;
      aws.after = undefined;
    }
  }
});
