import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { type Bench, clusterFor, otherEntries } from "../support/bench.ts";
import { type ProxiedCluster, proxied } from "../support/proxiedCluster.ts";
import { inTurns } from "../support/rounds.ts";
import { succeed, timed } from "../support/timed.ts";
import { variantProject } from "../support/variants.ts";

const count = 200;

/** The value of `--parallel` for a user who wants more than four changes per core. */
const manyAtOnce = 32;

/** Milliseconds to a far API server, there and back. */
const far = 100;

/** Calls to the API server: their number, and their cost if each takes a while. */
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

  const byDefault = await farAway(bench, map, slow, {});
  await bench.emit({ id: "writes/slow", unit: "", ours: byDefault.writes });
  await bench.emit({ id: "slow/up", unit: "s", ours: byDefault.ours, base: byDefault.base });
  const { ours, base } = await farAway(bench, map, slow, { PULUMI_PARALLEL: `${manyAtOnce}` });
  await bench.emit({ id: "slow/parallel", unit: "s", ours, base });
}

interface FarAway {
  /** Seconds of each round. */
  readonly ours: number[];
  /** The same of a provider that only waits. */
  readonly base: number[];
  readonly writes: number[];
}

/** An `up` with the API server far away, next to a provider that waits for as long in each create. */
async function farAway(
  bench: Bench,
  map: AwsAuthMap,
  { proxy, kubeconfig }: ProxiedCluster,
  env: Readonly<Record<string, string>>,
): Promise<FarAway> {
  const mappings = await variantProject(bench, "ours", count, { "aws-auth:kubeconfig": kubeconfig });
  const waiting = await variantProject(bench, "waiting", count);
  const figures: FarAway = { ours: [], base: [], writes: [] };
  await inTurns(bench.isQuick ? 1 : 5, [mappings, waiting], async ({ variant, project }, round) => {
    bench.progress(`${variant}, API server ${far} ms away, round ${round + 1}`);
    await map.reset(otherEntries);
    proxy.forget();
    const seconds = await timed(() => project.with(env).up());
    if (variant === "ours") {
      figures.ours.push(seconds);
      figures.writes.push(proxy.traffic.writes);
    } else {
      figures.base.push(seconds);
    }
    await succeed(project.destroy());
  });
  return figures;
}
