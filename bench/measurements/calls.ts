import { type Bench, clusterFor, otherEntries } from "../support/bench.ts";
import { proxied } from "../support/proxiedCluster.ts";
import { inTurns } from "../support/rounds.ts";
import { succeed, timed } from "../support/timed.ts";
import { variantProject } from "../support/variants.ts";

const count = 200;

/** Milliseconds to a far API server, there and back. */
const far = 100;

/** What the API server is asked: how often, and what it costs where each call takes a while. */
export async function calls(bench: Bench): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const near = await proxied(bench, cluster, 0);
  const slow = await proxied(bench, cluster, far);
  const { project } = await variantProject(bench, "ours", count, { "aws-auth:kubeconfig": near.kubeconfig });

  await map.reset(otherEntries);
  for (const [operation, run] of [
    ["up", () => project.up()],
    ["preview", () => project.pulumi("preview", "--expect-no-changes")],
  ] as const) {
    bench.progress(`calls of ${operation}`);
    near.proxy.forget();
    await succeed(run());
    await bench.emit({ id: `reads/${operation}`, unit: "", ours: [near.proxy.traffic.reads] });
    await bench.emit({ id: `writes/${operation}`, unit: "", ours: [near.proxy.traffic.writes] });
  }

  const ours = await variantProject(bench, "ours", count, { "aws-auth:kubeconfig": slow.kubeconfig });
  const waiting = await variantProject(bench, "waiting", count);
  const seconds = new Map([
    [ours, [] as number[]],
    [waiting, [] as number[]],
  ]);
  const writes: number[] = [];
  await inTurns(bench.isQuick ? 1 : 5, [ours, waiting], async (contestant, round) => {
    bench.progress(`${contestant.variant}, API server ${far} ms away, round ${round + 1}`);
    await map.reset(otherEntries);
    slow.proxy.forget();
    seconds.get(contestant)?.push(await timed(() => contestant.project.up()));
    if (contestant === ours) {
      writes.push(slow.proxy.traffic.writes);
    }
    await succeed(contestant.project.destroy());
  });
  await bench.emit({ id: "writes/slow", unit: "", ours: writes });
  await bench.emit({ id: "slow/up", unit: "s", ours: seconds.get(ours) ?? [], base: seconds.get(waiting) ?? [] });
}
