import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccessReview } from "../provider/review/model.ts";
import { cliFile } from "../tests/support/cli/runCli.ts";
import type { TestCluster } from "../tests/support/cluster/startCluster.ts";
import { type Bench, clusterFor, inTurns, mapRolesOf, runProgram, timed } from "./bench.ts";
import { eksFleet } from "./clusters.ts";

const mappings = 1000;
const bindings = 2000;

/** How many clusters are reviewed, how many of them at a time, and the milliseconds to EKS and to each API server. */
const [clusters, atOnce, delay] = [50, 8, 50];

/** The access review: of one large map, and of many clusters that are far away. */
export async function review(bench: Bench): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-bench-"));
  bench.onEnd(() => rm(directory, { recursive: true }));
  const { cluster, map } = await clusterFor(bench);
  await map.reset({ mapRoles: mapRolesOf(mappings) });
  await bindGroups(cluster);
  const rounds = bench.isQuick ? 1 : 5;
  const large = { review: [] as number[], get: [] as number[], mebibytes: [] as number[] };
  const args = ["--kubeconfig", cluster.kubeconfigFile(), "-o", "json"];
  await inTurns(rounds, ["review", "get"] as const, async (command, round) => {
    bench.progress(`${command} of a map of ${mappings} with ${bindings} bindings, round ${round + 1}`);
    if (command === "get") {
      large.get.push(
        await timed(() => runProgram(process.execPath, [cliFile, "get", ...args], { directory, env: {} })),
      );
    } else {
      const { seconds, mebibytes } = await runReview(directory, args, {});
      large.review.push(seconds);
      large.mebibytes.push(mebibytes);
    }
  });
  await bench.emit({ id: "review/time", unit: "s", ours: large.review, base: large.get });
  await bench.emit({ id: "review/memory", unit: "MiB", ours: large.mebibytes });

  const { names, env, reset } = await eksFleet(bench, cluster, clusters, delay);
  await reset();
  const waves = Math.ceil(clusters / atOnce);
  const fleet = { ours: [] as number[], base: [] as number[] };
  const reviewOf = async (count: number) => {
    const named = names.slice(0, count).flatMap((name) => ["--cluster", name]);
    return (await runReview(directory, [...named, "-o", "json"], env)).seconds;
  };
  for (let round = 0; round < rounds; round++) {
    bench.progress(`review of ${clusters} clusters, round ${round + 1}`);
    // A second wave is the same work as the first, less the start of the program.
    const [one, two] = [await reviewOf(atOnce), await reviewOf(2 * atOnce)];
    fleet.base.push(one + (waves - 1) * (two - one));
    fleet.ours.push(await reviewOf(clusters));
  }
  await bench.emit({ id: "review/fleet", unit: "s", ...fleet });
}

/** How long a review takes, and its peak resident memory. */
async function runReview(directory: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const file = join(directory, "peak");
  const note = `import { writeFileSync } from "node:fs"; process.on("exit", () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)))`;
  const imported = ["--import", `data:text/javascript,${encodeURIComponent(note)}`];
  let output = "";
  const seconds = await timed(async () => {
    const outcome = await runProgram(process.execPath, [...imported, cliFile, "review", ...args], { directory, env });
    output = outcome.raw;
    return outcome;
  });
  const review: AccessReview = JSON.parse(output);
  if (review.unread.length > 0 || review.clusters.some(({ hasRights }) => !hasRights)) {
    throw new Error("a cluster was not read, or not its rights");
  }
  return { seconds, mebibytes: Number(await readFile(file, "utf8")) / 1024 };
}

/** Binds roles to the groups of the map, and to others, in as many namespaces as a large cluster has. */
async function bindGroups(cluster: TestCluster): Promise<void> {
  const namespaces = Array.from({ length: 100 }, (_, index) => `team-${index}`);
  for (const name of namespaces) {
    await cluster.request("POST", "/api/v1/namespaces", { metadata: { name } });
  }
  const group = "rbac.authorization.k8s.io";
  for (let index = 0; index < bindings; index++) {
    const path = `/apis/${group}/v1/namespaces/team-${index % namespaces.length}/rolebindings`;
    const { status } = await cluster.request("POST", path, {
      metadata: { name: `binding-${index}` },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: index % 3 === 0 ? "edit" : "view" },
      subjects: [{ apiGroup: group, kind: "Group", name: `group-${index % 200}` }],
    });
    if (status !== 201) {
      throw new Error(`POST ${path}: ${status}`);
    }
  }
}
