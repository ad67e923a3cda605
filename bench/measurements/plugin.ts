import { tmpdir } from "node:os";
import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import type { TestProject } from "../../tests/support/engine/testProject.ts";
import { handshakeTime } from "../start/pluginProcess.ts";
import { type Bench, clusterFor, otherEntries } from "../support/bench.ts";
import { driftOfMap, previewOfUpdates } from "../support/drift.ts";
import { peakMemoryDuring } from "../support/peakMemory.ts";
import { emptyPlugin, pluginProject, releasedPlugin } from "../support/pluginVariants.ts";
import { inTurns } from "../support/rounds.ts";
import { runProgram } from "../support/runProgram.ts";
import { stateBytesEach } from "../support/stateBytes.ts";
import { timed } from "../support/timed.ts";
import { variantProject } from "../support/variants.ts";

const operations = ["up", "preview", "refresh", "drift", "destroy"] as const;

/** The operations of a stack that is up, which change nothing. */
const looks = ["preview", "refresh", "drift"] as const;

/** The figures of one contestant: of each operation, of the provider's memory and of the state, in the order of the rounds. */
type Figures = Record<(typeof operations)[number] | "memory" | "state", number[]>;

/** A project, and what the command line of its provider process has. */
interface Contestant {
  readonly project: TestProject;
  readonly process: string;
  /** Seconds of each look. */
  readonly look: Readonly<Record<(typeof looks)[number], () => Promise<number>>>;
  readonly figures: Figures;
}

/**
 * What a user of the resource plugin waits for: a YAML program on a real API server, next to the same program with a plugin that does
 * nothing and gets the same requests, to the same without the refreshes that show drift, and to the dynamic resource in a Node program.
 */
export async function plugin(bench: Bench): Promise<void> {
  const directory = bench.plugin ?? (await releasedPlugin(bench));
  await start(bench, directory);
  await stack(bench, directory, 10, bench.isQuick ? 3 : 5);
  await stack(bench, directory, 100, bench.isQuick ? 2 : 5);
  if (!bench.isQuick) {
    await stack(bench, directory, 1000, 3);
  }
}

/** The engine waits for the answer to the handshake before it goes on. */
export async function start(bench: Bench, directory: string): Promise<void> {
  const run = {
    plugin: async () => (await handshakeTime(directory)) / 1000,
    node: () => timed(() => runProgram(process.execPath, ["-e", "0"], { directory: tmpdir(), env: {} })),
  };
  bench.progress("start of the plugin");
  // Not measured: the first run reads the program from the disk, and compiles it.
  await run.plugin();
  const seconds = { plugin: [] as number[], node: [] as number[] };
  await inTurns(bench.isQuick ? 5 : 20, ["plugin", "node"] as const, async (name) => {
    seconds[name].push(await run[name]());
  });
  await bench.emit({ id: "plugin/start", unit: "s", ours: seconds.plugin });
  await bench.emit({ id: "plugin/start/node", unit: "s", ours: seconds.plugin, base: seconds.node });
}

async function stack(bench: Bench, directory: string, count: number, rounds: number): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const config = { "aws-auth:kubeconfig": cluster.kubeconfigFile() };
  const ours = onMap(await pluginProject(bench, directory, count, config), map);
  const floor = ofProgram(await pluginProject(bench, await emptyPlugin(bench, true), count));
  const unrefreshed = ofProgram(await pluginProject(bench, await emptyPlugin(bench, false), count));
  const { project } = await variantProject(bench, "ours", count, config);
  const dynamic = onMap({ project, process: "/dynamic-provider" }, map);
  const groups = Object.entries({ "ours and floor": [ours, floor], unrefreshed: [unrefreshed], dynamic: [dynamic] });
  await inTurns(rounds, groups, async ([name, group], round) => {
    // What has no bound is there to be seen beside ours: one round of the largest stack has to do.
    if (group.length === 1 && count >= 1000 && round > 0) {
      return;
    }
    bench.progress(`${name}, ${count} mappings, round ${round + 1} of ${rounds}`);
    await map.reset(otherEntries);
    await oneRound(round % 2 === 0 ? group : group.toReversed(), count >= 1000 ? 3 : 1);
  });
  for (const [name, base] of Object.entries({ floor, unrefreshed, dynamic })) {
    for (const operation of [...operations, "memory"] as const) {
      const beside = base.figures[operation];
      const figures = ours.figures[operation].slice(0, beside.length);
      const unit = operation === "memory" ? "MiB" : "s";
      await bench.emit({ id: `plugin/${operation}/${count}/${name}`, unit, ours: figures, base: beside });
    }
  }
  if (count === 10) {
    const [state, base] = [ours, floor].map(({ figures }) => figures.state.slice(0, 1));
    await bench.emit({ id: "plugin/state", unit: "bytes", ours: state ?? [], base: base ?? [] });
  }
}

/** A life of each stack. The looks take turns, that many each, since the machine changes its speed while a large stack is made. */
async function oneRound(contestants: readonly Contestant[], times: number): Promise<void> {
  for (const { project, process, figures } of contestants) {
    const peak = await peakMemoryDuring(project.directory, process, async () => {
      figures.up.push(await timed(() => project.up()));
    });
    figures.memory.push(peak);
    figures.state.push(await stateBytesEach(project));
  }
  for (const name of looks) {
    await inTurns(times, contestants, async ({ look, figures }) => {
      figures[name].push(await look[name]());
    });
  }
  for (const { project, figures } of contestants) {
    figures.destroy.push(await timed(() => project.destroy()));
  }
}

/** One whose drift is in the map. */
function onMap({ project, process }: Pick<Contestant, "project" | "process">, map: AwsAuthMap): Contestant {
  return { project, process, look: looksAt(project, () => driftOfMap(project, map)), figures: noFigures() };
}

/** One that reads no map: the engine gets as many updates to plan from a change of the program. */
function ofProgram({ project, process, change }: Awaited<ReturnType<typeof pluginProject>>): Contestant {
  const drift = async () => {
    await change(true);
    const seconds = await previewOfUpdates(project);
    await change(false);
    return seconds;
  };
  return { project, process, look: looksAt(project, drift), figures: noFigures() };
}

function looksAt(project: TestProject, drift: () => Promise<number>): Contestant["look"] {
  return {
    preview: () => timed(() => project.pulumi("preview", "--expect-no-changes")),
    refresh: () => timed(() => project.refresh("--expect-no-changes")),
    drift,
  };
}

function noFigures(): Figures {
  return { up: [], preview: [], refresh: [], drift: [], destroy: [], memory: [], state: [] };
}
