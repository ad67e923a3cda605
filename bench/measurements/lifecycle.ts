import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { type Bench, clusterFor, otherEntries } from "../support/bench.ts";
import { driftOfMap, previewOfUpdates } from "../support/drift.ts";
import { peakMemoryDuring } from "../support/peakMemory.ts";
import { recordBytesEach } from "../support/recordBytes.ts";
import { inTurns } from "../support/rounds.ts";
import { stateBytesEach } from "../support/stateBytes.ts";
import { timed } from "../support/timed.ts";
import { type Variant, type VariantProject, variantProject } from "../support/variants.ts";

const operations = ["up", "preview", "drift", "destroy"] as const;

/** The operations of a stack that is up, which change nothing. */
const looks = ["preview", "drift"] as const;

/** The figures of one variant: of each operation, of the provider's memory, of the state and of the record, in the order of the rounds. */
type Figures = Record<(typeof operations)[number] | "memory" | "state" | "record", number[]>;

interface Contestant extends VariantProject {
  readonly figures: Figures;
}

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
  const contestant = async (variant: Variant, own?: typeof config): Promise<Contestant> => {
    return { ...(await variantProject(bench, variant, count, own)), figures: noFigures() };
  };
  const all = {
    ours: await contestant("ours", config),
    floor: await contestant("floor"),
    ordinary: await contestant("ordinary"),
  };
  const groups = Object.entries({ "ours and floor": [all.ours, all.floor], ordinary: [all.ordinary] });
  await inTurns(rounds, groups, async ([name, group], round) => {
    // A stack of 1,000 takes the ordinary way minutes: two rounds have to do.
    if (name === "ordinary" && count >= 1000 && round >= 2) {
      return;
    }
    bench.progress(`${name}, ${count} mappings, round ${round + 1} of ${rounds}`);
    await map.reset(otherEntries);
    await oneRound(round % 2 === 0 ? group : group.toReversed(), count >= 1000 ? 3 : 1, map);
  });
  const [ours, floor, ordinary] = [all.ours.figures, all.floor.figures, all.ordinary.figures];
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

/** A life of each stack. The looks take turns, that many each, since the machine changes its speed while a large stack is made. */
async function oneRound(contestants: readonly Contestant[], times: number, map: AwsAuthMap): Promise<void> {
  for (const { variant, project, figures } of contestants) {
    const peak = await peakMemoryDuring(project.directory, "/dynamic-provider", async () => {
      figures.up.push(await timed(() => project.up()));
    });
    figures.memory.push(peak);
    figures.state.push(await stateBytesEach(project));
    if (variant === "ours") {
      figures.record.push(await recordBytesEach(map));
    }
  }
  for (const name of looks) {
    await inTurns(times, contestants, async (contestant) => {
      contestant.figures[name].push(await look(name, contestant, map));
    });
  }
  for (const { project, figures } of contestants) {
    figures.destroy.push(await timed(() => project.destroy()));
  }
}

/** Seconds of a look. */
function look(name: (typeof looks)[number], { variant, project }: Contestant, map: AwsAuthMap): Promise<number> {
  if (name === "preview") {
    return timed(() => project.pulumi("preview", "--expect-no-changes"));
  }
  return variant === "ours" ? driftOfMap(project, map) : driftOfProgram(project);
}

/** A provider that does nothing sees no drift: the engine gets as many updates to plan from a change of the program. */
function driftOfProgram(project: VariantProject["project"]): Promise<number> {
  return previewOfUpdates(project.with({ CHANGED: "1" }));
}

function noFigures(): Figures {
  return { up: [], preview: [], drift: [], destroy: [], memory: [], state: [], record: [] };
}
