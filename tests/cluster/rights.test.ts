import fc from "fast-check";
import { expect } from "vitest";
import { readRights } from "../../provider/cluster/kubernetes/objects.ts";
import { resolveClusterRef } from "../../provider/cluster/resolveClusterRef.ts";
import type { ClusterAccess } from "../../provider/identity/clusterAccess.ts";
import { identityOf } from "../../provider/identity/identity.ts";
import type { LoginName } from "../../provider/identity/login.ts";
import { readCluster } from "../../provider/reports/readCluster.ts";
import { allGroupsOf, type Grant } from "../../provider/rights/authorizer.ts";
import { type ClusterRights, canI, type LoginVerdict, whoCan } from "../../provider/rights/verdicts.ts";
import { test } from "../support/cluster/deployer.ts";
import type { TestCluster } from "../support/cluster/startCluster.ts";
import { cases } from "../support/nightly.ts";
import { ApiAuthorizer, forEachAtOnce, type ReviewResult } from "../support/rbac/apiAuthorizer.ts";
import { anyWorld, requestsIn, sessionArns } from "../support/rbac/worlds.ts";
import { seed } from "../support/seed.ts";

/** The number of requests in each world. */
const requestsPerWorld = 500;

test("can-i and who-can agree with the authorizer of the API server, and report one of its bindings", async ({
  cluster,
  map,
}) => {
  const api = new ApiAuthorizer(cluster);
  /** The number of compared requests, by answer. */
  const tally = { yes: 0, no: 0, refused: 0, whoCanYes: 0, whoCanNo: 0, whoCanUnknown: 0 };
  for (const [index, world] of fc.sample(anyWorld, { numRuns: cases(5, 46) }).entries()) {
    await api.apply(world);
    await map.reset({ mapRoles: JSON.stringify(world.entries) });
    const { access, rights } = await readAll(cluster);
    const requests = fc.sample(requestsIn(world), { seed: seed + index, numRuns: requestsPerWorld });
    const differences: object[] = [];
    await forEachAtOnce([...requests.entries()], async ([number, request]) => {
      const arn = sessionArns[number % sessionArns.length] ?? "";
      for (const outcome of canI(access, identityOf(arn), request, rights).outcomes) {
        if (outcome.user === undefined) {
          tally.refused++;
          continue;
        }
        // The identity of a session is known in full.
        const asker = { user: textOf(outcome.user.username), groups: allGroupsOf(outcome.user).map(textOf) };
        const ruling = await api.review(asker, request);
        const right = ruling.allowed ? "yes" : "no";
        tally[right]++;
        if (!agrees(outcome, ruling)) {
          const ours = { answer: outcome.answer, grants: outcome.grants.map(reasonOf) };
          differences.push({ arn, asker, request, ours, ruling });
        }
        // who-can knows only the role, so it is certain only if the answer is the same for every session.
        const role = identityOf(arn).arn.toLowerCase();
        const found = whoCan(access, request, rights).find(({ identity }) => identity.toLowerCase() === role);
        const answer = found?.verdict.answer ?? "no";
        tally[answer === "yes" ? "whoCanYes" : answer === "no" ? "whoCanNo" : "whoCanUnknown"]++;
        if (answer !== "unknown" && answer !== right) {
          differences.push({ whoCan: role, asker, request, answer, ruling });
        }
      }
    });
    expect(differences).toEqual([]);
  }
  await api.clear();
  console.log(`agreed on ${tally.yes + tally.no} questions: ${JSON.stringify(tally)}`);
  expect(tally.yes + tally.no).toBeGreaterThanOrEqual(cases(2_000, 20_000));
  expect(Math.min(tally.yes, tally.no)).toBeGreaterThan((tally.yes + tally.no) / 8);
  expect(Math.min(tally.whoCanYes, tally.whoCanNo)).toBeGreaterThan(100);
});

/** A cluster as the commands read it, and its rights in small pages, so that each list has several pages. */
async function readAll(
  cluster: TestCluster,
): Promise<{ readonly access: ClusterAccess; readonly rights: ClusterRights }> {
  const settings = { config: () => undefined, env: {}, cwd: "/" };
  const ref = await resolveClusterRef({ kubeconfig: cluster.kubeconfig() }, settings);
  const { access, apiServer, notes } = await readCluster(ref, settings, { accessEntries: (entries) => entries.all() });
  expect(notes).toEqual([]);
  const rights = apiServer && (await readRights(apiServer, undefined, 7));
  if (rights?.unread !== undefined || rights === undefined) {
    throw new Error(rights?.unread ?? "a kubeconfig leads to a server");
  }
  return { access, rights };
}

function textOf(name: LoginName): string {
  expect(name).toBeTypeOf("string");
  return String(name);
}

function agrees({ answer, grants }: LoginVerdict, { allowed, reason }: ReviewResult): boolean {
  return answer === (allowed ? "yes" : "no") && (!allowed || reason === "" || grants.map(reasonOf).includes(reason));
}

/** The reason that the API server returns for a grant. */
function reasonOf({ binding: by, subject }: Grant): string {
  if (by === undefined) {
    return "";
  }
  const { kind, name, namespace, role } = by;
  const binding = namespace === "" ? name : `${name}/${namespace}`;
  const of = subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace}` : subject.name;
  return `RBAC: allowed by ${kind} ${JSON.stringify(binding)} of ${role.kind} ${JSON.stringify(role.name)} to ${subject.kind} ${JSON.stringify(of)}`;
}
