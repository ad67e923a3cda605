import { type Bench, clusterFor, inTurns, otherEntries, succeed, timed } from "./bench.ts";
import { proxied } from "./clusters.ts";
import { floorProject, mappingsProject } from "./projects.ts";

const count = 200;

/** Milliseconds to the API server, there and back. */
const delay = 100;

/** An `up` with the API server far away, next to a provider that waits for as long in each create. */
export async function far(bench: Bench): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const { proxy, kubeconfig } = await proxied(bench, cluster, delay);
  const config = { "aws-auth:kubeconfig": kubeconfig };
  const ours = { project: await mappingsProject(bench, count, config), seconds: [] as number[] };
  const waiting = { project: await floorProject(bench, count, delay), seconds: [] as number[] };
  const writes: number[] = [];
  await inTurns(bench.isQuick ? 1 : 3, [ours, waiting], async (contestant, round) => {
    bench.progress(`${contestant === ours ? "ours" : "waiting"}, round ${round + 1}`);
    await map.reset(otherEntries);
    proxy.forget();
    contestant.seconds.push(await timed(() => contestant.project.up()));
    if (contestant === ours) {
      writes.push(proxy.traffic.writes);
    }
    await succeed(contestant.project.destroy());
  });
  await bench.emit({ id: "far/up", unit: "s", ours: ours.seconds, base: waiting.seconds });
  await bench.emit({ id: "far/writes", unit: "", ours: writes });
}
