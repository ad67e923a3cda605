import { type Profiler, Session } from "node:inspector/promises";

/** Microseconds between two samples. */
const interval = 100;

/**
 * Runs some work under the profiler.
 *
 * @param isOurs whether a script is ours, by its URL.
 * @returns milliseconds of processor time in our own code: the share of samples whose innermost script is ours, what the engine's
 * built-ins do for it included, and of garbage collection. Elapsed time would include other processes.
 */
export async function profileOwnTime(work: () => Promise<unknown>, isOurs: (url: string) => boolean): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval });
  await session.post("Profiler.start");
  const from = now();
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  const to = now();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return ((user + system) / 1000) * ownShare(profile, (time) => time >= from && time <= to, isOurs);
}

/** Microseconds on the clock that profiles use. */
function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Our share of the thread's busy time, without starting and stopping the profiler. */
function ownShare(
  { nodes, startTime, samples = [], timeDeltas = [] }: Profiler.Profile,
  isWithin: (time: number) => boolean,
  isOurs: (url: string) => boolean,
): number {
  const own = ownNodes(nodes, isOurs);
  const idle = new Set(nodes.filter(({ callFrame }) => callFrame.functionName === "(idle)").map(({ id }) => id));
  let [time, atWork, ours] = [startTime, 0, 0];
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    time += delta;
    if (isWithin(time) && !idle.has(id)) {
      atWork += delta;
      ours += own.has(id) ? delta : 0;
    }
  }
  return atWork === 0 ? 0 : ours / atWork;
}

/** The nodes of a profile's tree whose time is ours. */
function ownNodes(nodes: readonly Profiler.ProfileNode[], isOurs: (url: string) => boolean): ReadonlySet<number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = new Set<number>();
  const visit = (id: number, isWithinOurs: boolean): void => {
    const node = byId.get(id);
    if (node === undefined) {
      return;
    }
    const { url, functionName } = node.callFrame;
    // Built-ins such as JSON.parse have no script, and work for whoever calls them.
    const counts = functionName === "(garbage collector)" || (url === "" ? isWithinOurs : isOurs(url));
    if (counts) {
      own.add(id);
    }
    for (const child of node.children ?? []) {
      visit(child, counts);
    }
  };
  const [root] = nodes;
  if (root !== undefined) {
    visit(root.id, false);
  }
  return own;
}
