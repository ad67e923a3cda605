import { cliFile } from "../../tests/support/cli/runCli.ts";
import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { type Outcome, TestProject } from "../../tests/support/engine/testProject.ts";
import { ensureParts } from "../../tests/support/parts/ensureParts.ts";
import { type Bench, otherEntries } from "../support/bench.ts";
import { clusterConfigOf } from "../support/clusterConfig.ts";
import { type Distance, type EksClusters, eksClusters } from "../support/eksClusters.ts";
import { type BenchMapping, mappingNumber, mapRolesOf } from "../support/mappings.ts";
import { inTurns } from "../support/rounds.ts";
import { runProgram } from "../support/runProgram.ts";
import { succeed, timed } from "../support/timed.ts";

const count = 200;

/** The mapping that changes. */
const changing = mappingNumber(100);

const file = "cluster.yaml";

/** The setup for ours and eksctl: one directory, one environment, one ClusterConfig, one map. */
interface Contest extends Pick<EksClusters, "env" | "map" | "region"> {
  readonly distance: Distance;
  readonly project: TestProject;
  /** Runs eksctl. */
  eksctl(verb: string, ...args: string[]): Promise<Outcome>;
}

/** How long users of the same ClusterConfig wait, with this package and with eksctl. */
export async function eksctl(bench: Bench): Promise<void> {
  const clusters = await eksClusters(bench);
  const parts = await ensureParts(["eksctl"]);
  // A quick run omits the far API server, where a round takes two minutes.
  for (const distance of bench.isQuick ? (["near"] as const) : (["near", "far"] as const)) {
    const project = await TestProject.create({ env: { ...clusters.env, NODE_COMPILE_CACHE: undefined } });
    bench.onEnd(() => project.remove());
    await project.program(`new awsAuth.IdentityMappings("team", { file: "${file}" });`);
    const run = (program: string, ...args: string[]) =>
      runProgram(program, args, { directory: project.directory, env: clusters.env });
    const contest: Contest = {
      ...clusters,
      distance,
      project,
      eksctl: (verb, ...args) => run(parts.eksctl.file, verb, "iamidentitymapping", ...args),
    };
    await changes(bench, contest);
    await gets(bench, contest, (...args) => run(process.execPath, cliFile, ...args));
  }
}

/** The seconds of one round, step by step. */
type Steps = Record<string, number>;

/** Up, the same again, and one mapping changed, each contestant on a new map. */
async function changes(bench: Bench, contest: Contest): Promise<void> {
  const { distance, project } = contest;
  const [ours, theirs]: [Steps[], Steps[]] = [[], []];
  await startAfresh(contest);
  // Not measured: the first run of the CLI makes the stack, and the first run of either program reads it from the disk.
  await succeed(project.pulumi("preview"));
  await succeed(contest.eksctl("get", "--cluster", distance, "--region", contest.region));
  await inTurns(bench.isQuick ? 1 : distance === "near" ? 5 : 3, ["ours", "eksctl"] as const, async (who, round) => {
    bench.progress(`${who}, API server ${distance}, round ${round + 1}`);
    if (who === "ours") {
      ours.push(await ourRound(contest));
    } else {
      theirs.push(await roundOfEksctl(contest));
    }
  });
  for (const [step, their] of [
    ["up", "create"],
    ["upWithPreview", "create"],
    ["again", "again"],
    ["change", "change"],
    ["changeByFlags", "changeByFlags"],
  ] as const) {
    await bench.emit({
      id: `eksctl/${distance}/${step}`,
      unit: "s",
      // One command here for both ways of eksctl.
      ours: ours.map((steps) => steps[step === "changeByFlags" ? "change" : step] ?? Number.NaN),
      base: theirs.map((steps) => steps[their] ?? Number.NaN),
    });
  }
}

async function ourRound(contest: Contest): Promise<Steps> {
  const { map, project } = contest;
  await startAfresh(contest);
  const up = await timed(() => project.up());
  await expectMapped(map, changing);
  const again = await timed(() => project.up());
  const changed = { ...changing, username: "changed" };
  await writeConfig(contest, changed);
  const change = await timed(() => project.up());
  await expectMapped(map, changed);
  await succeed(project.destroy());

  await startAfresh(contest);
  const upWithPreview = await timed(() => project.pulumi("up", "--yes"));
  await succeed(project.destroy());
  return { up, upWithPreview, again, change };
}

/** An entry that noDuplicateARNs protects has to be deleted before it can be created with something else in it. */
async function roundOfEksctl(contest: Contest): Promise<Steps> {
  const { map, distance, region } = contest;
  const cluster = ["--cluster", distance, "--region", region, "--arn", changing.arn];
  const createFromFile = () => contest.eksctl("create", "-f", file);
  const deleteIt = () => contest.eksctl("delete", ...cluster);
  await startAfresh(contest);
  const create = await timed(createFromFile);
  await expectMapped(map, changing);
  const again = await timed(createFromFile);
  await expectMapped(map, changing);

  const changed = { ...changing, username: "changed" };
  await writeConfig(contest, changed);
  const change = await timed(async () => {
    await succeed(deleteIt());
    return createFromFile();
  });
  await expectMapped(map, changed);

  const changedAgain = { ...changing, username: "changed-again" };
  const groups = changedAgain.groups.flatMap((group) => ["--group", group]);
  const changeByFlags = await timed(async () => {
    await succeed(deleteIt());
    return contest.eksctl("create", ...cluster, "--username", changedAgain.username, ...groups, "--no-duplicate-arns");
  });
  await expectMapped(map, changedAgain);
  return { create, again, change, changeByFlags };
}

/** `get` of one map, by turns. */
async function gets(
  bench: Bench,
  { distance, region, map, eksctl }: Contest,
  ourCommand: (...args: string[]) => Promise<Outcome>,
): Promise<void> {
  await map.reset({ mapRoles: otherEntries.mapRoles + mapRolesOf(count) });
  const args = ["--cluster", distance, "--region", region];
  const contestants = [
    { run: () => ourCommand("get", ...args), seconds: [] as number[] },
    { run: () => eksctl("get", ...args), seconds: [] as number[] },
  ] as const;
  bench.progress(`get, API server ${distance}`);
  for (const { run } of contestants) {
    const { output } = await succeed(run());
    if (output.match(/:role\/m\d+\s+user:/g)?.length !== count) {
      throw new Error(`get does not print ${count} mappings:\n${output.slice(0, 4000)}`);
    }
  }
  await inTurns(bench.isQuick ? 3 : 10, contestants, async ({ run, seconds }) => {
    seconds.push(await timed(run));
  });
  const [ours, base] = contestants;
  await bench.emit({ id: `eksctl/${distance}/get`, unit: "s", ours: ours.seconds, base: base.seconds });
}

/** Restores the original map and file. */
async function startAfresh(contest: Contest): Promise<void> {
  await contest.map.reset(otherEntries);
  await writeConfig(contest, changing);
}

/** Writes the file with one mapping as given, and the others as ever. */
async function writeConfig({ distance, region, project }: Contest, changed: BenchMapping): Promise<void> {
  const mappings = Array.from({ length: count }, (_, index) => mappingNumber(index));
  const all = mappings.map((mapping) => (mapping.arn === changed.arn ? changed : mapping));
  await project.write(file, clusterConfigOf(distance, region, all));
}

/** Checks that every mapping exists once, and the changed one as given; otherwise a figure would mean nothing. */
async function expectMapped(map: AwsAuthMap, changed: BenchMapping): Promise<void> {
  const { mapRoles = "" } = await map.data();
  const arns = mapRoles.match(/rolearn: \S+:role\/m\d+$/gm) ?? [];
  const { length } = mapRoles.split(`username: ${changed.username}\n`);
  if (arns.length !== count || new Set(arns).size !== count || length !== 2) {
    throw new Error(`the map does not hold ${count} mappings, one of them of ${changed.username}:\n${mapRoles}`);
  }
}
