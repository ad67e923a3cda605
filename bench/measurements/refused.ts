import { enforce } from "../../tests/support/cluster/admissionPolicy.ts";
import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { type Bench, clusterFor, otherEntries } from "../support/bench.ts";
import { proxied } from "../support/proxiedCluster.ts";
import { inTurns } from "../support/rounds.ts";
import { succeed } from "../support/timed.ts";
import { variantProject } from "../support/variants.ts";

const count = 200;

/** How many of the mappings the policy refuses: every twentieth. */
const refusals = 10;

const policy = {
  expression: "!object.data.mapRoles.matches('username: user:(0|1?[2468]0|100)\\n')",
  message: "this user is not to be mapped",
} as const;
const probe = { metadata: { name: "probe" }, data: { mapRoles: "- username: user:0\n" } };

/** The number of concurrent changes, so that there are groups to bisect. */
const parallel = 32;

/** The cost of an admission policy that refuses some of a stack's mappings, compared with a cluster that accepts all. */
export async function refused(bench: Bench): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const { proxy, kubeconfig } = await proxied(bench, cluster, 100);
  const { project } = await variantProject(bench, "ours", count, { "aws-auth:kubeconfig": kubeconfig });
  const seconds = { taken: [] as number[], refused: [] as number[] };
  const writes = { taken: [] as number[], refused: [] as number[] };
  await inTurns(bench.isQuick ? 1 : 3, ["taken", "refused"] as const, async (how, round) => {
    bench.progress(`${how === "taken" ? "none" : refusals} of ${count} refused, round ${round + 1}`);
    await map.reset(otherEntries);
    const lift = how === "taken" ? async () => {} : await enforce(cluster, policy, probe);
    proxy.forget();
    const start = performance.now();
    const { output } = await project.with({ PULUMI_PARALLEL: `${parallel}` }).up("--continue-on-error");
    seconds[how].push((performance.now() - start) / 1000);
    writes[how].push(proxy.traffic.writes);
    await lift();
    await expectEntries(map, how === "taken" ? count : count - refusals, output);
    await succeed(project.destroy());
  });
  await bench.emit({ id: "refused/writes", unit: "", ours: writes.refused, base: writes.taken });
  await bench.emit({ id: "refused/up", unit: "s", ours: seconds.refused, base: seconds.taken });
}

/** Only the refused mappings fail; the others exist. */
async function expectEntries(map: AwsAuthMap, expected: number, output: string): Promise<void> {
  const found = (await map.data())["mapRoles"]?.match(/username: user:/g)?.length ?? 0;
  if (found !== expected) {
    throw new Error(`${found} mappings were stored in place of ${expected}:\n${output.slice(-4000)}`);
  }
}
