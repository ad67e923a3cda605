import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { ConfigMapStore } from "../../provider/cluster/store.ts";
import { soundMap } from "../support/authenticator/edits.ts";
import type { MapData } from "../support/authenticator/maps.ts";
import { MemoryStore } from "../support/authenticator/memoryStore.ts";
import { Oracle } from "../support/authenticator/oracle.ts";
import type { Provider } from "../support/authenticator/simulatedProgram.ts";
import { anyStackEdits, type StackEdit } from "../support/authenticator/stackEdits.ts";
import { cases } from "../support/nightly.ts";
import { StacksEditing, type StacksTally } from "./stacksEditing.ts";

/** As in edits.test.ts, and so are FUZZ_SEED and FUZZ_RUNS. */
const seed = Number(process.env["FUZZ_SEED"] ?? 20261125);
const wantedEdits = cases(200, 1_800);
const editsPerRun = 6;
const numRuns = Number(process.env["FUZZ_RUNS"] ?? Math.ceil(wantedEdits / editsPerRun));

const opened = vi.hoisted((): { store?: ConfigMapStore } => ({}));
// The map is in memory; all else between the engine's call and the stored bytes is the product's own.
vi.mock("../../provider/cluster/connect.ts", async (original) => ({
  ...(await original<typeof import("../../provider/cluster/connect.ts")>()),
  isMissing: () => false,
  wayTo: async ({ path }: { path: string }) => ({
    key: path,
    open: () => ({ store: opened.store, accessEntries: undefined }),
  }),
}));

let oracle: Oracle;
let provider: Provider;
beforeAll(async () => {
  oracle = await Oracle.start();
}, 900_000);
afterAll(() => oracle.stop());
beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Plays edits on a map, and destroys what is left of the stacks. */
async function play(data: MapData, edits: readonly StackEdit[], tally: StacksTally): Promise<void> {
  const store = new MemoryStore(data);
  opened.store = store;
  const editing = new StacksEditing(provider, store, oracle, tally);
  let problems: readonly string[] = [];
  try {
    for (const edit of edits) {
      await editing.play(edit);
    }
    await editing.clear();
  } finally {
    problems = await editing.problems();
  }
  expect(problems).toEqual([]);
}

it("an entry is there while a stack wants it, goes with the last one, and nobody's line or entry with it", async () => {
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
  const tally: StacksTally = { edits: 0, idle: 0, byHand: 0, restored: 0, refusals: {} };
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(soundMap, anyStackEdits, async (data, row) => {
      // A plugin process keeps the data of its clusters until it ends, which would be too much for so many.
      if (runs++ % 100 === 0) {
        vi.resetModules();
        provider = await import("../../provider/index.ts");
      }
      await play(data, row, tally);
    }),
    { seed, numRuns },
  );
  console.log(`${tally.edits} edits of ${numRuns} maps: ${JSON.stringify(tally)}`);
  const { duplicateArn = 0, claimed = 0, changedOutside = 0, ...others } = tally.refusals;
  expect(others).toEqual({});
  expect(tally.edits).toBeGreaterThanOrEqual(numRuns * editsPerRun);
  for (const count of [tally.restored, duplicateArn, claimed, changedOutside]) {
    expect(count).toBeGreaterThan(numRuns / 40);
  }
}, 3_600_000);
