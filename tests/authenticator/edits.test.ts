import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { ConfigMapStore } from "../../provider/cluster/store.ts";
import { anyEditedMap, anyEdits, type Edit, fewEdits, largeMap } from "../support/authenticator/edits.ts";
import type { MapData } from "../support/authenticator/maps.ts";
import { MemoryStore } from "../support/authenticator/memoryStore.ts";
import { Oracle } from "../support/authenticator/oracle.ts";
import { type Provider, SimulatedProgram } from "../support/authenticator/simulatedProgram.ts";
import { cases } from "../support/nightly.ts";
import { Editing, type EditTally } from "./editing.ts";

/**
 * The same maps and edits at every run, so that a change is to blame for a failure; FUZZ_SEED asks for others, FUZZ_RUNS for more.
 */
const seed = Number(process.env["FUZZ_SEED"] ?? 20261124);
const wantedEdits = cases(500, 2_500);
/** So many edits at least change a map, on average; the others are refused, or find the map as they would have it. */
const editsPerRun = 5;
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

/** Plays edits on a map, and takes back what is left of them. */
async function play(data: MapData, edits: readonly Edit[], tally: EditTally): Promise<void> {
  const store = new MemoryStore(data);
  opened.store = store;
  const editing = new Editing(new SimulatedProgram(provider), store, oracle, edits, tally);
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

/** Tries rows of edits on maps, and tells what became of them. */
async function tryAll(map: fc.Arbitrary<MapData>, edits: fc.Arbitrary<readonly Edit[]>, numRuns: number) {
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
  const explained = { mapped: 0, refused: 0, random: 0 };
  const tally: EditTally = { edits: 0, adoptions: 0, idle: 0, restored: 0, refusals: {}, ...explained };
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(map, edits, async (data, row) => {
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
  return tally;
}

it("every edit has the intended effect in the authenticator, and changes no other identity and no other byte", async () => {
  const { edits, adoptions, restored, refusals } = await tryAll(anyEditedMap, anyEdits, numRuns);
  const { unreadableKey = 0, unsupportedEntry = 0, duplicateArn = 0, ...others } = refusals;
  const percent = (count: number) => (100 * count) / (edits + unreadableKey + unsupportedEntry);
  console.log(
    `refused: ${percent(unreadableKey).toFixed(1)} % unreadable, ${percent(unsupportedEntry).toFixed(1)} % unsupported`,
  );
  expect(others).toEqual({});
  // Only maps of which a list that may have the principal's entry cannot be read: to refuse is no way to pass.
  expect(percent(unreadableKey)).toBeLessThan(15);
  expect(percent(unsupportedEntry)).toBeLessThan(0.5);
  expect(edits).toBeGreaterThanOrEqual(numRuns * editsPerRun);
  for (const count of [adoptions, restored, duplicateArn]) {
    expect(count).toBeGreaterThan(numRuns / 10);
  }
}, 3_600_000);

it("so does every edit of a map of thousands", async () => {
  const { edits } = await tryAll(largeMap(1_000, cases(1_000, 5_000)), fewEdits, cases(1, 3));
  expect(edits).toBeGreaterThan(2);
}, 3_600_000);
