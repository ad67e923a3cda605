import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isNightly } from "../../support/nightly.ts";
import { type Fault, planOf, writes } from "../../support/proxy/fault.ts";
import { seededRandom } from "../../support/proxy/seededFaults.ts";
import { variants } from "../../support/variants/variant.ts";
import { seed } from "./entries.ts";
import { FaultyStack } from "./faultyStack.ts";
import { type Interruption, interrupt, interruptions, isLocked, mendBackend, recover } from "./interruption.ts";

/** A moment at a write, before the API server sees it or after it took effect, and what the ended run comes to. */
interface Moment {
  readonly interruption: Interruption;
  readonly command: "up" | "destroy";
  readonly skip: number;
  readonly fault: Fault;
  /** Its exit code, if that is a certain one. */
  readonly code?: number | null;
  readonly locks?: boolean;
}

const cut: Fault = { kind: "cutAfter" };
const late = (milliseconds: number): Fault => ({ kind: "delay", milliseconds });

/** At every run SDK and plugin have some of the ways to end each. */
const ofPlugin: readonly Moment[] = [
  { interruption: "the CLI", command: "up", skip: 1, fault: cut, code: null, locks: true },
  { interruption: "the provider", command: "up", skip: 0, fault: cut, code: 1, locks: false },
];
const ofSdk: readonly Moment[] = [
  { interruption: "Ctrl-C", command: "up", skip: 0, fault: late(500), locks: false },
  { interruption: "the CLI and the provider", command: "destroy", skip: 1, fault: cut, code: null, locks: true },
  { interruption: "the CLI", command: "up", skip: 1, fault: cut, code: null, locks: true },
  { interruption: "Ctrl-C twice", command: "destroy", skip: 0, fault: late(3_000), code: 8 },
];

/** How many random moments the nightly run tries. */
const moments = Number(process.env["FAULT_MOMENTS"] ?? 8);

describe.each(variants)("a stack whose run is ended in the middle of a write, through the $name", (variant) => {
  let stack: FaultyStack;
  let group = "viewers";
  beforeAll(async () => {
    stack = await FaultyStack.create(variant);
  });
  afterAll(() => stack?.remove());

  /** Sees to it that each up has something to write. */
  async function prepare(command: "up" | "destroy"): Promise<void> {
    if (command === "up") {
      group = group === "viewers" ? "editors" : "viewers";
      await stack.program(group);
    }
  }

  const expectDone = (command: "up" | "destroy") =>
    command === "up" ? stack.expectUp(group) : stack.expectDestroyed();

  const atWrite = (skip: number, fault: Fault) => (meanwhile: () => Promise<void>) =>
    stack.proxy.reset(planOf({ on: writes, skip, fault: { ...fault, meanwhile } }));

  const rows = isNightly ? [...ofPlugin, ...ofSdk] : variant.readsFirst ? ofPlugin : ofSdk;
  it.each(rows.map((moment) => [moment.interruption, moment.command, moment] as const))(
    "by an end of %s, in %s: the same command again does the rest",
    async (interruption, command, { skip, fault, code, locks }) => {
      await prepare(command);
      const ended = await interrupt(stack, command, interruption, atWrite(skip, fault));
      expect(ended).toMatchObject({ hit: true, code: code === undefined ? expect.any(Number) : code });
      expect(ended.code).not.toBe(0);
      await mendBackend(stack);
      if (locks !== undefined) {
        expect(await isLocked(stack)).toBe(locks);
      }
      if (locks === true) {
        const refused = await stack.project[command]();
        expect(refused).toMatchObject({ code: 1, output: expect.stringContaining("`pulumi cancel`") });
      }
      const { output } = await recover(stack, command);
      if (interruption === "Ctrl-C") {
        expect(output).not.toContain("interrupted while creating");
      }
      await expectDone(command);
    },
  );

  it.runIf(isNightly || variant.readsFirst)(
    "by kill -9 of the CLI before it renames its lock: that locks the stack too, and cancel takes it away",
    async () => {
      const locks = join(stack.project.backend, ".pulumi", "locks", "organization", "test", stack.project.name);
      await mkdir(locks, { recursive: true });
      const lock = { pid: 1, username: "root", hostname: "host", timestamp: "2026-11-27T11:06:29Z" };
      const name = "e2d42038-1982-4b96-8d07-f429a3fc9142.json.18ebe23409e9e894.tmp";
      await writeFile(join(locks, name), JSON.stringify(lock));
      expect(await stack.project.up()).toMatchObject({ code: 1, output: expect.stringContaining("`pulumi cancel`") });
      await recover(stack, "up");
      await stack.expectUp(group);
      expect(await stack.project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    },
  );

  it.runIf(isNightly)("at random moments is whole again, and the map with it", { timeout: 3_600_000 }, async () => {
    console.log(`FAULT_SEED=${seed} FAULT_MOMENTS=${moments}`);
    const random = seededRandom(seed);
    const hits = new Set<Interruption>();
    let isUp = true;
    // A moment after the end of a run ends nothing, is not counted, and makes the later ones earlier.
    let runTime = 3_000;
    for (let moment = 0; moment < moments || (hits.size < interruptions.length && moment < 3 * moments); moment++) {
      // What is up is taken away or changed, so that there are runs that create, that update and that delete.
      const command: "up" | "destroy" = isUp && random.next() < 0.8 ? "destroy" : "up";
      await prepare(command);
      const interruption = interruptions[moment % interruptions.length] ?? "the CLI";
      // Half of the moments lie at a write; the others anywhere.
      const after = random.below(runTime);
      const fault = random.pick<Fault>([cut, late(random.below(300))]);
      const arrange =
        random.next() < 0.5
          ? (strike: () => Promise<void>) => void setTimeout(after).then(strike)
          : atWrite(random.below(4), fault);
      if ((await interrupt(stack, command, interruption, arrange)).hit) {
        hits.add(interruption);
      } else {
        runTime *= 0.7;
      }
      await recover(stack, command);
      isUp = command === "up";
      await expectDone(command);
    }
    expect([...hits].toSorted()).toEqual([...interruptions].toSorted());
  });
});
