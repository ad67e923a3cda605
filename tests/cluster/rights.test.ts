import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseMap } from "../../provider/awsAuthMap/index.ts";
import { resolveClusterRef, wayTo } from "../../provider/cluster/index.ts";
import { readRbac } from "../../provider/cluster/kubernetes/objects.ts";
import { clusterAccess } from "../../provider/identity/clusterAccess.ts";
import { identityOf } from "../../provider/identity/identity.ts";
import { Authorizer, allGroupsOf, type Grant } from "../../provider/rights/authorizer.ts";
import { canI, type Outcome, whoCan } from "../../provider/rights/verdicts.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { cases } from "../support/nightly.ts";
import { AccessJudge, type Asker, forEachAtOnce, type Ruling } from "../support/rbac/judge.ts";
import { anyWorld, type GeneratedRequest, requestsIn, sessionArns, type World } from "../support/rbac/worlds.ts";

/** The same worlds at every run, so that a change is to blame for a failure; RIGHTS_SEED asks for others. */
const seed = Number(process.env["RIGHTS_SEED"] ?? 20261125);

/** How many questions each world is asked. */
const questionsOfOneWorld = 500;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.stop());

it("answers can-i and who-can as the API server's own authorizer does, by one of the same bindings", async () => {
  const numRuns = cases(5, 46);
  console.log(`RIGHTS_SEED=${seed}`);
  const api = new AccessJudge(cluster);
  const settings = { config: () => undefined, env: {}, cwd: "/" };
  const ref = await resolveClusterRef({ kubeconfig: cluster.kubeconfig() }, settings);
  const { connection } = (await wayTo(ref, settings)).open();
  if (connection === undefined) {
    throw new Error("a kubeconfig leads to a server");
  }
  const tally: Tally = { yes: 0, no: 0, refused: 0, whoCanYes: 0, whoCanNo: 0, whoCanUnknown: 0 };
  const worlds = fc.sample(anyWorld, { seed, numRuns });
  for (const [index, world] of worlds.entries()) {
    await api.enter(world);
    // Small pages, so that there are several of each list.
    const read = await readRbac(connection, undefined, 7);
    if (!("objects" in read)) {
      throw new Error(read.unread);
    }
    const asked = fc.sample(requestsIn(world), { seed: seed + index, numRuns: questionsOfOneWorld });
    const differences = await compare(world, new Authorizer(read.objects), asked, api, tally);
    expect(differences).toEqual([]);
  }
  await api.leave();
  console.log(`agreed on ${tally.yes + tally.no} questions: ${JSON.stringify(tally)}`);
  expect(tally.yes + tally.no).toBeGreaterThanOrEqual(cases(2_000, 20_000));
  expect(Math.min(tally.yes, tally.no)).toBeGreaterThan((tally.yes + tally.no) / 8);
  expect(Math.min(tally.whoCanYes, tally.whoCanNo)).toBeGreaterThan(100);
});

/** How many questions were compared, by their answers. */
interface Tally {
  yes: number;
  no: number;
  refused: number;
  whoCanYes: number;
  whoCanNo: number;
  /** The answer depends on the name of the session. */
  whoCanUnknown: number;
}

/** The differences, one sentence each. */
async function compare(
  world: World,
  authorizer: Authorizer,
  requests: readonly GeneratedRequest[],
  api: AccessJudge,
  tally: Tally,
): Promise<string[]> {
  const access = clusterAccess(parseMap({ mapRoles: JSON.stringify(world.entries) }));
  const rights = { authorizer, unread: undefined };
  const differences: string[] = [];
  const questions = requests.map((request, index) => ({ request, arn: sessionArns[index % sessionArns.length] ?? "" }));
  await forEachAtOnce(questions, async ({ request, arn }) => {
    const { outcomes } = canI(access, identityOf(arn), request, rights);
    for (const outcome of outcomes) {
      const asker = askerOf(outcome);
      if (asker === undefined) {
        tally.refused++;
        continue;
      }
      const ruling = await api.ask(asker, request);
      tally[ruling.allowed ? "yes" : "no"]++;
      if (!agrees(outcome, ruling)) {
        const ours = { answer: outcome.answer, grants: outcome.grants.map(reasonOf) };
        differences.push(`${arn} ${JSON.stringify({ asker, request, ours, ruling })}`);
      }
      // who-can knows the role only, so it is certain only if every session may, or none.
      const role = identityOf(arn).arn.toLowerCase();
      const found = whoCan(access, request, rights).find(({ identity }) => identity.toLowerCase() === role);
      const answer = found?.verdict.answer ?? "no";
      tally[answer === "yes" ? "whoCanYes" : answer === "no" ? "whoCanNo" : "whoCanUnknown"]++;
      if (answer !== "unknown" && answer !== (ruling.allowed ? "yes" : "no")) {
        differences.push(`who-can: ${role} ${JSON.stringify({ asker, request, answer, ruling })}`);
      }
    }
  });
  return differences;
}

/** The user of a login; undefined: it is refused. Of a session everything is known. */
function askerOf({ user }: Outcome): Asker | undefined {
  if (user === undefined) {
    return undefined;
  }
  const text = (name: string | RegExp) => {
    expect(name).toBeTypeOf("string");
    return String(name);
  };
  return { user: text(user.username), groups: allGroupsOf(user).map(text) };
}

function agrees({ answer, grants }: Outcome, { allowed, reason }: Ruling): boolean {
  return answer === (allowed ? "yes" : "no") && (!allowed || reason === "" || grants.map(reasonOf).includes(reason));
}

/** A grant in the words of the API server. */
function reasonOf({ binding: by, subject }: Grant): string {
  if (by === undefined) {
    return "";
  }
  const { kind, name, namespace, role } = by;
  const binding = namespace === "" ? name : `${name}/${namespace}`;
  const of = subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace}` : subject.name;
  return `RBAC: allowed by ${kind} ${JSON.stringify(binding)} of ${role.kind} ${JSON.stringify(role.name)} to ${subject.kind} ${JSON.stringify(of)}`;
}
