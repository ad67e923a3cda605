import { TestProject } from "../../tests/support/engine/testProject.ts";
import { type Bench, clusterFor } from "../support/bench.ts";
import { eksFleet } from "../support/eksFleet.ts";
import { mappingNumber } from "../support/mappings.ts";
import { inTurns } from "../support/rounds.ts";
import { succeed, timed } from "../support/timed.ts";

/** The number of clusters of one program. */
const clusters = 50;

/** Milliseconds to EKS and to each API server. */
const delay = 50;

/** One program for many clusters, next to the same number of mappings on one. */
export async function fleet(bench: Bench): Promise<void> {
  const count = bench.isQuick ? 200 : 1000;
  const { cluster } = await clusterFor(bench);
  const { api, eks, env, reset } = await eksFleet(bench, cluster, clusters, delay);
  const contestants = [
    { project: await fleetProject(bench, count, clusters, env), seconds: [] as number[], isFleet: true },
    { project: await fleetProject(bench, count, 1, env), seconds: [] as number[], isFleet: false },
  ] as const;
  const seen = {
    describes: [] as number[],
    lookups: [] as number[],
    reads: [] as number[],
    connections: [] as number[],
  };
  await inTurns(bench.isQuick ? 1 : 2, contestants, async ({ project, seconds, isFleet }, round) => {
    bench.progress(`${count} mappings on ${isFleet ? `${clusters} clusters` : "one cluster"}, round ${round + 1}`);
    await reset();
    eks.forget();
    api.forget();
    seconds.push(await timed(() => project.up()));
    if (isFleet) {
      seen.describes.push(eks.traffic.reads);
      seen.lookups.push(eks.traffic.mostAtOnce);
      seen.reads.push(api.traffic.reads);
      seen.connections.push(api.traffic.connections);
    }
    await succeed(project.destroy());
  });
  const [many, one] = contestants;
  await bench.emit({ id: `fleet/up/${count}`, unit: "s", ours: many.seconds, base: one.seconds });
  for (const [id, ours] of Object.entries(seen)) {
    await bench.emit({ id: `fleet/${id}`, unit: "", ours });
  }
}

/** Adjacent resources are on different clusters, as in a program that loops over clusters for each role. */
async function fleetProject(
  bench: Bench,
  count: number,
  size: number,
  env: Readonly<Record<string, string>>,
): Promise<TestProject> {
  const project = await TestProject.create({ env: { ...env, NODE_COMPILE_CACHE: undefined } });
  bench.onEnd(() => project.remove());
  await project.program(`
const mapping = ${mappingNumber.toString()};
for (let index = 0; index < ${count}; index++) {
  new IdentityMapping("m" + index, { cluster: "fleet-" + (index % ${size}), ...mapping(index) });
}
`);
  return project;
}
