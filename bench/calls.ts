import { type Bench, clusterFor, inTurns, mappingNumber, mapRolesOf, otherEntries, succeed, timed } from "./bench.ts";
import { proxied } from "./clusters.ts";
import { mappingsProject, releasedPlugin, yamlProject } from "./projects.ts";

/** Calls to the API server, and how the cost of a mapping grows with the map. */
export async function calls(bench: Bench): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  const { proxy, kubeconfig } = await proxied(bench, cluster, 0);
  const config = { "aws-auth:kubeconfig": kubeconfig };
  const project = await mappingsProject(bench, 200, config);
  await map.reset(otherEntries);
  for (const [operation, run] of [
    ["up", () => project.up()],
    ["preview", () => project.pulumi("preview", "--expect-no-changes")],
  ] as const) {
    bench.progress(`calls of ${operation}`);
    proxy.forget();
    await succeed(run());
    await bench.emit({ id: `calls/reads/${operation}`, unit: "", ours: [proxy.traffic.reads] });
    await bench.emit({ id: `calls/writes/${operation}`, unit: "", ours: [proxy.traffic.writes] });
  }

  // Each of them waits for the one before, so that each is written alone.
  const added = Array.from({ length: 20 }, (_, index) => [
    `added${index}`,
    {
      properties: mappingNumber(10_000 + index),
      options: index === 0 ? {} : { dependsOn: [`\${added${index - 1}}`] },
    },
  ]);
  const growing = await yamlProject(bench, await releasedPlugin(bench), Object.fromEntries(added), config);
  const small = { entries: 1000, seconds: [] as number[] };
  const large = { entries: 7000, seconds: [] as number[] };
  await inTurns(bench.isQuick ? 1 : 3, [small, large], async ({ entries, seconds }, round) => {
    bench.progress(`up in a map of ${entries}, round ${round + 1}`);
    await map.reset({ mapRoles: mapRolesOf(entries) });
    seconds.push(await timed(() => growing.up()));
    await succeed(growing.destroy());
  });
  await bench.emit({ id: "calls/growth", unit: "s", ours: large.seconds, base: small.seconds });
}
