import { type Profiler, Session } from "node:inspector/promises";

/** Microseconds between two samples. */
const interval = 100;

/**
 * Runs some work under the profiler.
 *
 * @param isOurs tells our scripts by their URL.
 * @returns milliseconds in our own code: samples whose innermost script is ours, what the engine's built-ins do for it included, and
 * the collection of garbage.
 */
export async function profileOwnTime(work: () => Promise<void>, isOurs: (url: string) => boolean): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval });
  await session.post("Profiler.start");
  await work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return ownTime(profile, isOurs);
}

function ownTime({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, isOurs: (url: string) => boolean): number {
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
  const micros = samples.reduce((sum, id, index) => (own.has(id) ? sum + (timeDeltas[index] ?? 0) : sum), 0);
  return micros / 1000;
}
