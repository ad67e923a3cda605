import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { type Bench, clusterFor, otherEntries } from "../support/bench.ts";
import { driftOfMap, previewOfUpdates } from "../support/drift.ts";
import { peakMemoryDuring } from "../support/peakMemory.ts";
import { recordBytesEach } from "../support/recordBytes.ts";
import { inTurns } from "../support/rounds.ts";
import { stateBytesEach } from "../support/stateBytes.ts";
import { timed } from "../support/timed.ts";
import { type VariantProject, variantProject } from "../support/variants.ts";

const operations = ["up", "preview", "drift", "destroy"] as const;

/** The figures of one variant: of each operation, of the provider's memory, of the state and of the record, one figure a round. */
type Figures = Record<(typeof operations)[number] | "memory" | "state" | "record", number[]>;

/**
 * What a user waits for: `up`, `preview` without change and with 1 % drift, and `destroy`, on a real API server, next to the engine
 * alone and to the ordinary way of writing a dynamic provider. The runs of the largest stack also tell memory and state.
 */
export async function lifecycle(bench: Bench): Promise<void> {
  await stack(bench, 10, bench.isQuick ? 3 : 5);
  await stack(bench, 100, bench.isQuick ? 2 : 5);
  if (!bench.isQuick) {
    await stack(bench, 1000, 3);
  }
}

async function stack(bench: Bench, count: number, rounds: number): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const config = { "aws-auth:kubeconfig": cluster.kubeconfigFile() };
  const projects = [
    await variantProject(bench, "ours", count, config),
    await variantProject(bench, "floor", count),
    await variantProject(bench, "ordinary", count),
  ];
  const all = new Map(projects.map((project) => [project, noFigures()]));
  await inTurns(rounds, projects, async (project, round) => {
    // A stack of 1,000 takes the ordinary way minutes: two rounds have to do.
    if (project.variant === "ordinary" && count >= 1000 && round >= 2) {
      return;
    }
    bench.progress(`${project.variant}, ${count} mappings, round ${round + 1} of ${rounds}`);
    await oneRound(project, map, all.get(project) ?? noFigures());
  });
  const [ours = noFigures(), floor = noFigures(), ordinary = noFigures()] = projects.map((key) => all.get(key));
  for (const operation of operations) {
    await bench.emit({ id: `${operation}/${count}/floor`, unit: "s", ours: ours[operation], base: floor[operation] });
  }
  for (const operation of operations) {
    const base = ordinary[operation];
    const beside = ours[operation].slice(0, base.length);
    await bench.emit({ id: `${operation}/${count}/ordinary`, unit: "s", ours: beside, base });
  }
  if (count >= 100) {
    await bench.emit({ id: `memory/${count}`, unit: "MiB", ours: ours.memory, base: floor.memory });
  } else {
    const state = ours.state.slice(0, 1);
    await bench.emit({ id: "state/floor", unit: "bytes", ours: state, base: floor.state.slice(0, 1) });
    await bench.emit({ id: "state/ordinary", unit: "bytes", ours: state, base: ordinary.state.slice(0, 1) });
    await bench.emit({ id: "record/line", unit: "bytes", ours: ours.record.slice(0, 1) });
  }
}

async function oneRound({ variant, project }: VariantProject, map: AwsAuthMap, figures: Figures): Promise<void> {
  await map.reset(otherEntries);
  const peak = await peakMemoryDuring(project.directory, "/dynamic-provider", async () => {
    figures.up.push(await timed(() => project.up()));
  });
  figures.memory.push(peak);
  figures.state.push(await stateBytesEach(project));
  if (variant === "ours") {
    figures.record.push(await recordBytesEach(map));
  }
  figures.preview.push(await timed(() => project.pulumi("preview", "--expect-no-changes")));
  figures.drift.push(await (variant === "ours" ? driftOfMap(project, map) : driftOfProgram(project)));
  figures.destroy.push(await timed(() => project.destroy()));
}

/** A provider that does nothing sees no drift: the engine gets as many updates to plan from a change of the program. */
function driftOfProgram(project: VariantProject["project"]): Promise<number> {
  return previewOfUpdates(project.with({ CHANGED: "1" }));
}

function noFigures(): Figures {
  return { up: [], preview: [], drift: [], destroy: [], memory: [], state: [], record: [] };
}
