import { startAwsEndpoint } from "../tests/support/aws/endpoint.ts";
import { startTokenReviewer } from "../tests/support/aws/tokenReview.ts";
import { type AwsAuthMap, grant } from "../tests/support/cluster/awsAuth.ts";
import type { Outcome, TestProject } from "../tests/support/engine/testProject.ts";
import { ensureParts } from "../tests/support/parts/ensureParts.ts";
import { FaultProxy } from "../tests/support/proxy/faultProxy.ts";
import {
  type Bench,
  type BenchMapping,
  clusterFor,
  inTurns,
  mappingNumber,
  otherEntries,
  runProgram,
  succeed,
  timed,
} from "./bench.ts";
import type { besideEksctl } from "./bounds.ts";
import { projectOf } from "./projects.ts";

const count = 200;

/** The mapping that changes, before and after. */
const changing = mappingNumber(100);
const changed: BenchMapping = { ...changing, username: "changed" };

const file = "cluster.yaml";

/** The setup shared by this package and eksctl: one directory, one environment, one ClusterConfig, one map. */
interface Contest extends EksClusters {
  readonly distance: Distance;
  readonly project: TestProject;
  /** Runs eksctl. */
  eksctl(verb: string, ...args: string[]): Promise<Outcome>;
}

/** Compares this package with eksctl on the same ClusterConfig: up, a second run without changes, and one changed mapping. */
export async function eksctl(bench: Bench): Promise<void> {
  const clusters = await eksClusters(bench);
  const parts = await ensureParts(["eksctl"]);
  for (const [distance, rounds] of [
    ["near", 3],
    ["far", 2],
  ] as const) {
    const project = await projectOf(bench, { env: clusters.env });
    await project.program(`new awsAuth.IdentityMappings("team", { file: "${file}" });`);
    const contest: Contest = {
      ...clusters,
      distance,
      project,
      eksctl: (verb, ...args) =>
        runProgram(parts.eksctl.file, [verb, "iamidentitymapping", ...args], {
          directory: project.directory,
          env: clusters.env,
        }),
    };
    await measure(bench, contest, bench.isQuick ? 1 : rounds);
  }
}

/** The seconds of each step in one round. */
type Steps = Record<keyof typeof besideEksctl, number>;

async function measure(bench: Bench, contest: Contest, rounds: number): Promise<void> {
  const { distance, project, region } = contest;
  await startAfresh(contest);
  // Warm-up: the first run of the CLI creates the stack, and the first run of each program reads its files from disk.
  await succeed(project.pulumi("preview"));
  await succeed(contest.eksctl("get", "--cluster", distance, "--region", region));
  const ours = { name: "ours", run: ourRound, steps: [] as Steps[] };
  const theirs = { name: "eksctl", run: roundOfEksctl, steps: [] as Steps[] };
  await inTurns(rounds, [ours, theirs], async ({ name, run, steps }, round) => {
    bench.progress(`${name}, API server ${distance}, round ${round + 1}`);
    await startAfresh(contest);
    steps.push(await run(contest));
  });
  for (const step of ["up", "again", "change"] as const) {
    const of = (steps: readonly Steps[]) => steps.map((round) => round[step]);
    await bench.emit({ id: `eksctl/${distance}/${step}`, unit: "s", ours: of(ours.steps), base: of(theirs.steps) });
  }
}

async function ourRound(contest: Contest): Promise<Steps> {
  const { map, project } = contest;
  const up = await timed(() => project.up());
  await expectMapped(map, changing);
  const again = await timed(() => project.up());
  await writeConfig(contest, changed);
  const change = await timed(() => project.up());
  await expectMapped(map, changed);
  await succeed(project.destroy());
  return { up, again, change };
}

/** eksctl must delete an entry with noDuplicateARNs before it can create it with other content. */
async function roundOfEksctl(contest: Contest): Promise<Steps> {
  const { map, distance, region } = contest;
  const create = () => contest.eksctl("create", "-f", file);
  const up = await timed(create);
  await expectMapped(map, changing);
  const again = await timed(create);
  await expectMapped(map, changing);
  await writeConfig(contest, changed);
  const change = await timed(async () => {
    await succeed(contest.eksctl("delete", "--cluster", distance, "--region", region, "--arn", changing.arn));
    return create();
  });
  await expectMapped(map, changed);
  return { up, again, change };
}

/** Restores the original map and file. */
async function startAfresh(contest: Contest): Promise<void> {
  await contest.map.reset(otherEntries);
  await writeConfig(contest, changing);
}

/** Writes the ClusterConfig with this version of the changing mapping. */
async function writeConfig({ distance, region, project }: Contest, one: BenchMapping): Promise<void> {
  const mappings = Array.from({ length: count }, (_, index) => mappingNumber(index));
  const all = mappings.map((mapping) => (mapping.arn === one.arn ? one : mapping));
  await project.write(file, clusterConfigOf(distance, region, all));
}

/** Checks that every mapping exists once, including this one; otherwise the time would be meaningless. */
async function expectMapped(map: AwsAuthMap, one: BenchMapping): Promise<void> {
  const { mapRoles = "" } = await map.data();
  const arns = mapRoles.match(/rolearn: \S+:role\/m\d+$/gm) ?? [];
  const { length } = mapRoles.split(`username: ${one.username}\n`);
  if (arns.length !== count || new Set(arns).size !== count || length !== 2) {
    throw new Error(`the map does not hold ${count} mappings, one of them of ${one.username}:\n${mapRoles}`);
  }
}

/** Name of an EKS cluster, by the distance of its API server: near, or 100 milliseconds away. */
type Distance = "near" | "far";

/** One API server as two EKS clusters at different distances. */
interface EksClusters {
  readonly region: string;
  /** The map that both clusters share. */
  readonly map: AwsAuthMap;
  /** Environment variables for EKS and an identity that can write only aws-auth. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a cluster that clients find by name in EKS and access with a token from AWS credentials. Only the API server is delayed. */
async function eksClusters(bench: Bench): Promise<EksClusters> {
  const [accessKeyId, user, region] = ["AKIADEPLOYER", "deployer", "eu-central-1"];
  const reviewer = await startTokenReviewer({ [accessKeyId]: user }, "near");
  bench.onEnd(() => reviewer.stop());
  const { cluster, map } = await clusterFor(bench, { authenticationTokenWebhookConfigFile: reviewer.configFile });
  // Not the documented role: eksctl replaces the whole ConfigMap, which that role does not allow.
  const verbs = ["get", "create", "update", "patch"];
  await grant(cluster, user, [{ apiGroups: [""], resources: ["configmaps"], verbs }]);
  const proxy = await FaultProxy.start(cluster);
  bench.onEnd(async () => proxy.stop());
  proxy.plan = () => ({ kind: "delay", milliseconds: 100 });
  const endpoints: Record<Distance, string> = { near: cluster.server, far: proxy.url };
  const clusters = Object.entries(endpoints).map(
    ([name, endpoint]) => [name, { endpoint, caData: cluster.caData }] as const,
  );
  const aws = await startAwsEndpoint({
    identity: `arn:aws:iam::111122223333:user/${user}`,
    clusters: new Map(clusters),
  });
  bench.onEnd(() => aws.stop());
  return {
    region,
    map,
    env: {
      AWS_ENDPOINT_URL_EKS: aws.url,
      AWS_ENDPOINT_URL_STS: aws.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
    },
  };
}

/** An eksctl ClusterConfig of the mappings, with noDuplicateARNs: otherwise each run of eksctl appends all of them again. */
export function clusterConfigOf(name: string, region: string, mappings: readonly BenchMapping[]): string {
  const items = mappings.map(
    ({ arn, username, groups }) =>
      `  - arn: ${arn}\n    username: ${username}\n    groups:\n${groups.map((group) => `      - ${group}\n`).join("")}    noDuplicateARNs: true\n`,
  );
  return `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig

metadata:
  name: ${name}
  region: ${region}

iamIdentityMappings:
${items.join("")}`;
}
