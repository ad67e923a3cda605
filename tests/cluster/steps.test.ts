import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MovesOnEngine } from "../support/eks/movesOnEngine.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { sample } from "../support/nightly.ts";
import { variants } from "../support/variants/variant.ts";

const steps: readonly AuthenticationMode[] = ["API_AND_CONFIG_MAP", "API", "API_AND_CONFIG_MAP", "CONFIG_MAP"];
const opposite = { CONFIG_MAP: "API", API: "CONFIG_MAP" } as const;

describe.each(sample(variants))("a stack that moves step by step, through the $name", (variant) => {
  let moves: MovesOnEngine;

  beforeAll(async () => {
    moves = await MovesOnEngine.start(variant);
    const { behaviour } = moves.world.aws;
    behaviour.lag = { milliseconds: 500 };
    behaviour.authenticatorLag = { milliseconds: 25_000 };
    await moves.inMode("CONFIG_MAP");
    expect(await moves.project.up()).toMatchObject({ code: 0 });
  }, 900_000);
  afterAll(() => moves?.stop());

  it.each(steps.map((to, index) => ({ from: steps[index - 1] ?? "CONFIG_MAP", to })))(
    "keeps the access of all identities from $from to $to, on an eventually consistent EKS",
    async ({ from, to }) => {
      const { project } = moves;
      if (from === "CONFIG_MAP" || from === "API") {
        await moves.inMode(opposite[from]);
        const { code, output } = await project.preview();
        expect(output).toContain('directly; set it to API_AND_CONFIG_MAP and run "pulumi up" first');
        expect(code).not.toBe(0);
      }
      await moves.inMode(to);
      // The rest of the time until access entries are in force is waited for.
      moves.world.clock.ahead += 20_000;
      const { outcome, lost } = await watched(() => project.up());
      expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining("~ 3 updated") });
      expect(lost).toEqual([]);
      await moves.expectMoved(to);
      expect(await moves.accessLosses()).toEqual([]);
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    },
  );

  /** Runs a function, and checks after each EKS call and continuously which identities lack access. */
  async function watched<T>(run: () => Promise<T>): Promise<{ readonly outcome: T; readonly lost: readonly string[] }> {
    const { aws } = moves.world;
    const lost = new Set<string>();
    const checkAccess = async (when: string) => {
      for (const name of await moves.unprotected()) {
        lost.add(`${name} ${when}`);
      }
    };
    let isOver = false;
    const checking = (async () => {
      while (!isOver) {
        await checkAccess("in between");
        await setTimeout(20);
      }
    })();
    aws.after = async ({ operation }) => {
      await checkAccess(`after ${operation}`);
      return undefined;
    };
    try {
      return { outcome: await run(), lost: [...lost] };
    } finally {
      isOver = true;
      await checking;
      aws.after = undefined;
    }
  }
});
