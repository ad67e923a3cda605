import { readdir, readFile } from "node:fs/promises";
import type { TestProject } from "../tests/support/engine/testProject.ts";
import { type Bench, clusterFor, inTurns, otherEntries, timed } from "./bench.ts";
import { floorProject, mappingsProject } from "./projects.ts";

const figureNames = ["up", "preview", "refresh", "destroy", "memory"] as const;

/** A project with the seconds of each operation and the provider's peak memory, in the order of the rounds. */
interface Contestant {
  readonly project: TestProject;
  readonly figures: Readonly<Record<(typeof figureNames)[number], number[]>>;
}

/** The number of mappings, and the number of rounds for operations without changes. */
const [count, times] = [1000, 3];

/** Compares a stack of 1,000 on a real API server with a provider that does nothing. */
export async function life(bench: Bench): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const size = bench.isQuick ? 100 : count;
  const ours = contestant(await mappingsProject(bench, size, { "aws-auth:kubeconfig": cluster.kubeconfigFile() }));
  const floor = contestant(await floorProject(bench, size));
  const contestants = [ours, floor];
  await map.reset(otherEntries);
  for (const { project, figures } of contestants) {
    bench.progress(`up of ${size}`);
    const peak = await peakMemoryDuring(project.directory, async () => {
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
  for (const name of figureNames) {
    const [own, base] = [ours.figures[name], floor.figures[name]];
    await bench.emit({ id: `life/${name}`, unit: name === "memory" ? "MiB" : "s", ours: own, base });
  }
}

function contestant(project: TestProject): Contestant {
  return { project, figures: { up: [], preview: [], refresh: [], destroy: [], memory: [] } };
}

/** Milliseconds between two samples; the kernel keeps the peak itself, so only growth after the last sample is missed. */
const interval = 50;

/**
 * Samples the memory of a project's provider process during a run.
 *
 * @param directory the project's directory, which is also its HOME.
 * @returns its peak resident memory in MiB.
 */
async function peakMemoryDuring(directory: string, run: () => Promise<void>): Promise<number> {
  let peak = 0;
  const look = async () => {
    peak = Math.max(peak, await peakMemory(directory));
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

async function peakMemory(directory: string): Promise<number> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const peaks = await Promise.all(
    ids.map(async (id) => ((await isProvider(id, directory)) ? highWaterMark(await textOf(`/proc/${id}/status`)) : 0)),
  );
  return Math.max(0, ...peaks);
}

async function isProvider(id: string, directory: string): Promise<boolean> {
  const command = await textOf(`/proc/${id}/cmdline`);
  return command.includes("/dynamic-provider") && (await textOf(`/proc/${id}/environ`)).includes(`HOME=${directory}\0`);
}

/** The text of a file; empty if its process has ended or belongs to another user. */
function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}

function highWaterMark(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
