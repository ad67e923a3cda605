import { TestProject } from "../../tests/support/engine/testProject.ts";
import { type Bench, clusterFor } from "../support/bench.ts";
import { mappingNumber, mapRolesOf } from "../support/mappings.ts";
import { inTurns } from "../support/rounds.ts";
import { succeed, timed } from "../support/timed.ts";

/** What the access summary costs in a preview of many mappings with one change, next to the same preview without it. */
export async function accessSummary(bench: Bench): Promise<void> {
  for (const count of bench.isQuick ? [100] : [100, 1000]) {
    const project = await stackOf(bench, count);
    const contestants = [
      { setting: "on", seconds: [] as number[] },
      { setting: "off", seconds: [] as number[] },
    ] as const;
    await inTurns(bench.isQuick ? 3 : 6, contestants, async ({ setting, seconds }, round) => {
      bench.progress(`preview of ${count} mappings, summary ${setting}, round ${round + 1}`);
      await project.cli("config", "set", "aws-auth:accessSummary", setting, "--stack", "test");
      const isThere = setting === "on";
      seconds.push(
        await timed(async () => {
          const outcome = await succeed(project.with({ CHANGED: "1" }).pulumi("preview"));
          if (outcome.output.includes("access on the cluster") !== isThere) {
            throw new Error(`the summary is ${isThere ? "missing" : "there"}:\n${outcome.output.slice(-4000)}`);
          }
          return outcome;
        }),
      );
    });
    const [ours, base] = contestants;
    await bench.emit({ id: `accessSummary/${count}`, unit: "s", ours: ours.seconds, base: base.seconds });
  }
}

/** A stack whose mappings come into the state as copies of one, since to create them all would take long. */
async function stackOf(bench: Bench, count: number): Promise<TestProject> {
  const { cluster, map } = await clusterFor(bench);
  await map.reset({ mapRoles: mapRolesOf(count) });
  // Without claims a copy needs nothing in the map but its entry.
  const config = { "aws-auth:kubeconfig": cluster.kubeconfigFile(), "aws-auth:ownership": "off" };
  const project = await TestProject.create({ config, env: { NODE_COMPILE_CACHE: undefined } });
  bench.onEnd(() => project.remove());
  await project.program(`
const mapping = ${mappingNumber.toString()};
for (let index = 0; index < (process.env.ONE ? 1 : ${count}); index++) {
  const { groups, ...args } = mapping(index);
  new IdentityMapping("m" + index, { ...args, groups: process.env.CHANGED && index === 7 ? ["other"] : groups });
}
`);
  await succeed(project.with({ ONE: "1" }).up());
  const state: { deployment: { resources: { urn: string }[] } } = JSON.parse(await project.state());
  const { resources } = state.deployment;
  const first = JSON.stringify(resources.find(({ urn }) => urn.endsWith("::m0")));
  for (let index = 1; index < count; index++) {
    const copy = first
      .replaceAll(/(::|role\/)m0\b/g, `$1m${index}`)
      .replaceAll("user:0", `user:${index}`)
      .replaceAll("group-0", `group-${index % 10}`);
    resources.push(JSON.parse(copy));
  }
  await project.write("state.json", JSON.stringify(state));
  await succeed(project.pulumi("stack", "import", "--file", "state.json"));
  await succeed(project.pulumi("preview", "--expect-no-changes"));
  return project;
}
