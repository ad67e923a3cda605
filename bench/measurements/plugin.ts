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

/** The figures of one contestant: of each operation, of the provider's memory and of the state, one figure a round. */
type Figures = Record<(typeof operations)[number] | "memory" | "state", number[]>;

/** A project, and what the command line of its provider process has. */
interface Contestant {
  readonly project: TestProject;
  readonly process: string;
  /** Seconds of a preview with 1 % drift. */
  drift(): Promise<number>;
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
  await inTurns(rounds, Object.entries({ ours, floor, unrefreshed, dynamic }), async ([name, contestant], round) => {
    // What has no bound is there to be seen beside ours: one round of the largest stack has to do.
    if ((contestant === unrefreshed || contestant === dynamic) && count >= 1000 && round > 0) {
      return;
    }
    bench.progress(`${name}, ${count} mappings, round ${round + 1} of ${rounds}`);
    await map.reset(otherEntries);
    await oneRound(contestant);
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

async function oneRound({ project, process, drift, figures }: Contestant): Promise<void> {
  const peak = await peakMemoryDuring(project.directory, process, async () => {
    figures.up.push(await timed(() => project.up()));
  });
  figures.memory.push(peak);
  figures.state.push(await stateBytesEach(project));
  figures.preview.push(await timed(() => project.pulumi("preview", "--expect-no-changes")));
  figures.refresh.push(await timed(() => project.refresh("--expect-no-changes")));
  figures.drift.push(await drift());
  figures.destroy.push(await timed(() => project.destroy()));
}

/** One whose drift is in the map. */
function onMap(made: Pick<Contestant, "project" | "process">, map: AwsAuthMap): Contestant {
  return { ...made, drift: () => driftOfMap(made.project, map), figures: noFigures() };
}

/** One that reads no map: the engine gets as many updates to plan from a change of the program. */
function ofProgram({ project, process, change }: Awaited<ReturnType<typeof pluginProject>>): Contestant {
  const drift = async () => {
    await change(true);
    const seconds = await previewOfUpdates(project);
    await change(false);
    return seconds;
  };
  return { project, process, drift, figures: noFigures() };
}

function noFigures(): Figures {
  return { up: [], preview: [], refresh: [], drift: [], destroy: [], memory: [], state: [] };
}
