import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Bench } from "../support/bench.ts";
import { inTurns } from "../support/rounds.ts";

const program = fileURLToPath(new URL("../ownTime/main.ts", import.meta.url));

/** How many writes of each kind a profile covers: so few that the map stays about as large as it is said to be. */
const operations = 100;

const kinds = ["check", "diff", "read", "create", "update", "delete", "group"] as const;

/** Milliseconds for each kind of operation, and for the map as JSON. */
type OwnTime = Record<(typeof kinds)[number] | "json", number>;

/** How long our own code takes for each operation, in a map of 1,000 entries and in one that is about as large as a ConfigMap can be. */
export async function ownTime(bench: Bench): Promise<void> {
  const figures = { 1000: [] as OwnTime[], 7000: [] as OwnTime[] };
  await inTurns(bench.isQuick ? 3 : 5, [1000, 7000] as const, async (entries, round) => {
    bench.progress(`a map of ${entries}, round ${round + 1}`);
    figures[entries].push(await run(entries, "profile"));
  });
  for (const kind of kinds) {
    const of = (entries: keyof typeof figures) => figures[entries].map((own) => own[kind]);
    await bench.emit({
      id: `own/${kind}/1000`,
      unit: "ms",
      ours: of(1000),
      base: figures[1000].map(({ json }) => json),
    });
    await bench.emit({ id: `own/${kind}/7000`, unit: "ms", ours: of(7000), base: of(1000) });
  }
  const { parses } = await run<{ parses: number }>(1000, "parses");
  await bench.emit({ id: "parses/1000", unit: "", ours: [parses] });
}

/** A process of its own each time, as each run of the engine has. */
async function run<T = OwnTime>(entries: number, mode: "profile" | "parses"): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, `${entries}`, `${operations}`, mode]);
  return JSON.parse(stdout);
}
