import type { TestProject } from "../tests/support/engine/testProject.ts";
import { type Bench, clusterFor, inTurns, mappingNumber, succeed, timed } from "./bench.ts";
import { eksFleet } from "./clusters.ts";
import { projectOf } from "./projects.ts";

const count = 200;

/** The number of clusters of one program. */
const clusters = 50;

/** Milliseconds to EKS and to each API server. */
const delay = 50;

/** One program for many clusters, next to the same number of mappings on one. */
export async function fleet(bench: Bench): Promise<void> {
  const { cluster } = await clusterFor(bench);
  const { api, eks, env, reset } = await eksFleet(bench, cluster, clusters, delay);
  const many = { project: await fleetProject(bench, clusters, env), seconds: [] as number[] };
  const one = { project: await fleetProject(bench, 1, env), seconds: [] as number[] };
  const seen: Record<"describes" | "lookups" | "reads" | "connections", number[]> = {
    describes: [],
    lookups: [],
    reads: [],
    connections: [],
  };
  await inTurns(bench.isQuick ? 1 : 2, [many, one], async (contestant, round) => {
    const { project, seconds } = contestant;
    bench.progress(`${count} mappings on ${contestant === many ? `${clusters} clusters` : "one"}, round ${round + 1}`);
    await reset();
    eks.forget();
    api.forget();
    seconds.push(await timed(() => project.up()));
    if (contestant === many) {
      seen.describes.push(eks.traffic.reads);
      seen.lookups.push(eks.traffic.mostAtOnce);
      seen.reads.push(api.traffic.reads);
      seen.connections.push(api.traffic.connections);
    }
    await succeed(project.destroy());
  });
  await bench.emit({ id: "fleet/up", unit: "s", ours: many.seconds, base: one.seconds });
  for (const [id, ours] of Object.entries(seen)) {
    await bench.emit({ id: `fleet/${id}`, unit: "", ours });
  }
}

/** Adjacent resources are on different clusters, as in a program that loops over clusters for each role. */
async function fleetProject(bench: Bench, size: number, env: Readonly<Record<string, string>>): Promise<TestProject> {
  const project = await projectOf(bench, { env });
  await project.program(`
const mapping = ${mappingNumber.toString()};
for (let index = 0; index < ${count}; index++) {
  new IdentityMapping("m" + index, { cluster: "fleet-" + (index % ${size}), ...mapping(index) });
}
`);
  return project;
}
