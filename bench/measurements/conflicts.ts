import { setTimeout } from "node:timers/promises";
import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { type Bench, clusterFor, otherEntries } from "../support/bench.ts";
import { proxied } from "../support/proxiedCluster.ts";
import { inTurns } from "../support/rounds.ts";
import { succeed, timed } from "../support/timed.ts";
import { variantProject } from "../support/variants.ts";

/** Milliseconds from one foreign write to the next. */
const pace = 50;

/** The cost of another writer with 20 writes a second. */
export async function conflicts(bench: Bench): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const { proxy, kubeconfig } = await proxied(bench, cluster, 0);
  const { project } = await variantProject(bench, "ours", 200, { "aws-auth:kubeconfig": kubeconfig });
  const [alone, disturbed, rates, attempts]: number[][] = [[], [], [], []];
  await inTurns(bench.isQuick ? 1 : 5, ["alone", "disturbed"] as const, async (how, round) => {
    bench.progress(`${how}, round ${round + 1}`);
    await map.reset(otherEntries);
    proxy.forget();
    if (how === "alone") {
      alone?.push(await timed(() => project.up()));
    } else {
      const writer = startWriter(map);
      const seconds = await timed(() => project.up()).finally(writer.stop);
      disturbed?.push(seconds);
      rates?.push((await writer.written) / seconds);
      attempts?.push(proxy.traffic.writes / (proxy.traffic.writes - proxy.traffic.conflicts));
    }
    await succeed(project.destroy());
  });
  await bench.emit({ id: "conflicts/up", unit: "s", ours: disturbed ?? [], base: alone ?? [] });
  await bench.emit({ id: "conflicts/writer", unit: "", ours: rates ?? [] });
  await bench.emit({ id: "conflicts/attempts", unit: "", ours: attempts ?? [] });
}

/** Writes its own key at a constant rate; after a slow write, the next ones catch up. */
function startWriter(map: AwsAuthMap): { stop(): void; readonly written: Promise<number> } {
  let isStopped = false;
  const write = async (): Promise<number> => {
    const start = performance.now();
    let written = 0;
    while (!isStopped) {
      await map.patch({ foreign: String(++written) });
      await setTimeout(Math.max(0, start + written * pace - performance.now()));
    }
    return written;
  };
  const written = write();
  return {
    written,
    stop: () => {
      isStopped = true;
    },
  };
}
