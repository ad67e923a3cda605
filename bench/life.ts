import { readdir, readFile } from "node:fs/promises";
import type { AwsAuthMap } from "../tests/support/cluster/awsAuth.ts";
import type { TestProject } from "../tests/support/engine/testProject.ts";
import { type Bench, clusterFor, inTurns, otherEntries, timed } from "./bench.ts";
import { boundOf } from "./bounds.ts";
import {
  type Door,
  floorProject,
  mappingsProject,
  providerProcess,
  releasedPlugin,
  yamlFloorProject,
  yamlMappings,
  yamlProject,
} from "./projects.ts";
import { judge, type Reading } from "./verdict.ts";

const figureNames = ["up", "preview", "refresh", "destroy", "memory"] as const;

/** One of two sides, with the seconds of each operation and the provider's peak memory, in the order of the rounds. */
interface Contestant {
  readonly project: TestProject;
  readonly figures: Readonly<Record<(typeof figureNames)[number], number[]>>;
}

/** What a user waits for, by either door, on a real API server, next to a provider that does nothing. */
export async function life(bench: Bench): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const config = { "aws-auth:kubeconfig": cluster.kubeconfigFile() };
  const tarball = await releasedPlugin(bench);
  for (const count of bench.isQuick ? [10, 100] : [10, 100, 1000]) {
    const node = {
      ours: contestant(await mappingsProject(bench, count, config)),
      floor: contestant(await floorProject(bench, count)),
    };
    await stack(bench, map, "dynamic", count, node);
    const yaml = {
      ours: contestant(await yamlProject(bench, tarball, yamlMappings(count), config)),
      floor: contestant(await yamlFloorProject(bench, count)),
    };
    await stack(bench, map, "plugin", count, yaml);
  }
}

async function stack(
  bench: Bench,
  map: AwsAuthMap,
  door: Door,
  count: number,
  { ours, floor }: Readonly<Record<"ours" | "floor", Contestant>>,
): Promise<void> {
  const readings = (): Reading[] =>
    figureNames
      .filter((name) => name !== "memory" || count === 1000)
      .map((name) => ({
        id: `life/${door}/${name}/${count}`,
        unit: name === "memory" ? "MiB" : "s",
        ours: ours.figures[name],
        base: floor.figures[name],
      }));
  const isOpen = () =>
    readings().some((reading) => ["missed", "noise"].includes(judge(reading, boundOf(reading.id).most)));
  // A round of 1,000 takes six minutes, and looks at what changes nothing three times.
  const [least, most] = bench.isQuick || count === 1000 ? [1, 1] : [2, 3];
  for (let round = 0; round < least || (round < most && isOpen()); round++) {
    bench.progress(`${door}, ${count} mappings, round ${round + 1}`);
    await map.reset(otherEntries);
    await oneRound(round % 2 === 0 ? [ours, floor] : [floor, ours], providerProcess[door], count === 1000 ? 3 : 1);
  }
  for (const reading of readings()) {
    await bench.emit(reading);
  }
}

/**
 * A life of each stack. What changes nothing takes turns, that many each, since the machine changes its speed while a large stack is made.
 */
async function oneRound(contestants: readonly Contestant[], provider: string, times: number): Promise<void> {
  for (const { project, figures } of contestants) {
    const peak = await peakMemoryDuring(project.directory, provider, async () => {
      figures.up.push(await timed(() => project.up()));
    });
    figures.memory.push(peak);
  }
  await inTurns(times, contestants, async ({ project, figures }) => {
    figures.preview.push(await timed(() => project.pulumi("preview", "--expect-no-changes")));
  });
  await inTurns(times, contestants, async ({ project, figures }) => {
    figures.refresh.push(await timed(() => project.refresh("--expect-no-changes")));
  });
  for (const { project, figures } of contestants) {
    figures.destroy.push(await timed(() => project.destroy()));
  }
}

function contestant(project: TestProject): Contestant {
  return { project, figures: { up: [], preview: [], refresh: [], destroy: [], memory: [] } };
}

/** Milliseconds between two samples; the kernel keeps the peak itself, so only growth after the last sample is missed. */
const interval = 50;

/**
 * Watches the provider process of a project while something runs.
 *
 * @param directory the project's directory, which is its home.
 * @param part what the command line of the process has, and no other of the project.
 * @returns its peak resident memory in MiB.
 */
async function peakMemoryDuring(directory: string, part: string, run: () => Promise<void>): Promise<number> {
  let peak = 0;
  const look = async () => {
    peak = Math.max(peak, await peakMemory(directory, part));
  };
  const timer = setInterval(() => void look(), interval);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  if (peak === 0) {
    throw new Error("the provider process was not found in /proc");
  }
  return peak;
}

async function peakMemory(directory: string, part: string): Promise<number> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const peaks = await Promise.all(
    ids.map(async (id) =>
      (await isProvider(id, directory, part)) ? highWaterMark(await textOf(`/proc/${id}/status`)) : 0,
    ),
  );
  return Math.max(0, ...peaks);
}

async function isProvider(id: string, directory: string, part: string): Promise<boolean> {
  const command = await textOf(`/proc/${id}/cmdline`);
  return command.includes(part) && (await textOf(`/proc/${id}/environ`)).includes(`HOME=${directory}\0`);
}

/** Empty for a process that has ended, and for one of somebody else. */
function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}

function highWaterMark(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
