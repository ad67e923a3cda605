import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCluster, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";
import { manifestOf, seasonedData } from "../../support/engine/manifest.ts";
import { isNightly } from "../../support/nightly.ts";
import { type Fault, planOf, writes } from "../../support/proxy/fault.ts";
import { seededRandom } from "../../support/proxy/seededFaults.ts";
import { seed } from "../../support/seed.ts";
import { variants } from "../../support/variants/variant.ts";
import { FaultyStack } from "./faultyStack.ts";
import { type Interruption, interrupt, interruptions, isLocked, recover, repairBackend } from "./interruption.ts";

/** An interruption at a write, before the API server sees it or after it took effect, and the expected end of the run. */
interface Moment {
  readonly interruption: Interruption;
  readonly command: "up" | "destroy";
  readonly skip: number;
  readonly fault: Fault;
  /** The exit code, if only one is possible. */
  readonly code?: number | null;
  readonly locks?: boolean;
}

const cut: Fault = { kind: "cutAfter" };
const late = (milliseconds: number): Fault => ({ kind: "delay", milliseconds });

/** Except in the nightly run, SDK and plugin each get a part of the interruptions. */
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

/** The number of random moments in the nightly run. */
const moments = Number(process.env["FAULT_MOMENTS"] ?? 8);

describe.each(variants)("a stack whose run is interrupted, through the $name", (variant) => {
  let stack: FaultyStack;
  let group = "viewers";
  beforeAll(async () => {
    stack = await FaultyStack.create(variant);
  });
  afterAll(() => stack?.remove());

  /** Changes the program before an up, so that it has something to write. */
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
    "converges with the same command after an interruption: %s, in %s",
    async (interruption, command, { skip, fault, code, locks }) => {
      await prepare(command);
      const ended = await interrupt(stack, command, interruption, atWrite(skip, fault));
      expect(ended).toMatchObject({ hit: true, code: code === undefined ? expect.any(Number) : code });
      expect(ended.code).not.toBe(0);
      await repairBackend(stack);
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
    "is locked until a cancel if the CLI was killed before it renamed its lock",
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

  it.runIf(isNightly)(
    "converges after interruptions at random times, together with the map",
    { timeout: 3_600_000 },
    async () => {
      const random = seededRandom(seed);
      const hits = new Set<Interruption>();
      let isUp = true;
      // A moment after the end of a run interrupts nothing and is not counted, and later moments are chosen earlier.
      let runTime = 3_000;
      for (let moment = 0; moment < moments || (hits.size < interruptions.length && moment < 3 * moments); moment++) {
        // Destroys and ups alternate at random, so that runs create, update and delete.
        const command: "up" | "destroy" = isUp && random.next() < 0.8 ? "destroy" : "up";
        await prepare(command);
        const interruption = interruptions[moment % interruptions.length] ?? "the CLI";
        // Half of the moments are at a write, the others at any time.
        const after = random.below(runTime);
        const fault = random.pick<Fault>([cut, late(random.below(300))]);
        const arrange =
          random.next() < 0.5
            ? (trigger: () => Promise<void>) => void setTimeout(after).then(trigger)
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
    },
  );
});

const before = manifestOf(seasonedData);
const after = manifestOf({ ...seasonedData, mapUsers: `# ${"new ".repeat(5_000)}\n` });

it.each([
  ["half-way", before],
  ["before the rename", before],
  ["after the rename", after],
])("a manifest is complete if its writer is killed %s", async (moment, expected) => {
  const cwd = await temporaryDirectory();
  const path = join(cwd, "aws-auth.yaml");
  await writeFile(path, before);
  const writer = spawn(process.execPath, [join(import.meta.dirname, "dyingWriter.ts"), path, moment]);
  expect(await once(writer, "close")).toEqual([null, "SIGKILL"]);
  expect(await readFile(path, "utf8")).toBe(expected);

  const store = await openCluster({ manifest: path }, { cwd });
  const write = async () => store.write({ data: { notes: "mine\n" } }, await store.read());
  if (expected === before) {
    await expect(write()).rejects.toThrow(
      /an interrupted run left ".*\.tmp"; remove that file if no other run is active$/,
    );
    await rm(`${path}.tmp`);
  }
  await write();
  expect((await store.read()).data["notes"]).toBe("mine\n");
});
