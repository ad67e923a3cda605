import { type ExecFileException, execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import type { AwsAuthMap } from "../support/cluster/awsAuth.ts";
import { test } from "../support/cluster/deployer.ts";
import {
  attemptsPerWrite,
  type ForeignWrites,
  roleArn,
  rolesIn,
  writeConcurrently,
} from "../support/cluster/foreignWriter.ts";
import type { TestCluster } from "../support/cluster/startCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { cases, isNightly } from "../support/nightly.ts";
import { FaultProxy } from "../support/proxy/faultProxy.ts";
import { rolesNamed } from "../support/variants/declared.ts";
import { variants } from "../support/variants/variant.ts";

const perStack = 25;

/** Milliseconds between two changes of each foreign writer: more than any controller makes. */
const usualPause = 500;

/** Attempts of one write. A session gives up after them. */
const most = 10;

const stackProcess = fileURLToPath(new URL("../support/cluster/stackProcess.ts", import.meta.url));

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

test.beforeEach(({ map }) => map.reset({ mapRoles: `- rolearn: ${roleArn("node")}\n  username: node\n` }));

/** A way to the API server for each stack, so that its attempts can be counted. */
async function proxiesFor(cluster: TestCluster, stacks: readonly string[]) {
  return Promise.all(stacks.map(async (stack) => ({ stack, proxy: await FaultProxy.start(cluster) })));
}

/** Runs a stack in a process of its own, without the engine; with what it failed, and what it printed on stderr. */
async function runProcess(project: TestProject, stack: string, proxy: FaultProxy) {
  await project.write(`${stack}.kubeconfig`, proxy.kubeconfig("deployer"));
  const args = [stackProcess, `${stack}.kubeconfig`, stack, `${perStack}`];
  return new Promise<{ readonly error: ExecFileException | null; readonly printed: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: project.directory }, (error, _stdout, printed) =>
      resolve({ error, printed }),
    );
  });
}

/** What a run took, as a sentence; the attempts are a figure of the README. */
function summary(attempts: readonly number[], { patches, appends }: ForeignWrites): string {
  const mean = attempts.reduce((sum, count) => sum + count, 0) / Math.max(1, attempts.length);
  return (
    `${attempts.length} writes, attempts per write ${mean.toFixed(2)} on average and ${Math.max(0, ...attempts)} at most, ` +
    `beside ${patches + appends} foreign writes`
  );
}

/** Nothing of anybody is lost, and nobody tried in vain for long. */
async function expectAll(
  title: string,
  ways: readonly { readonly stack: string; readonly proxy: FaultProxy }[],
  writes: ForeignWrites,
  map: AwsAuthMap,
) {
  const data = await map.data();
  const own = ways.flatMap(({ stack }) => numbered(`${stack}-`, perStack));
  expect(rolesIn(data["mapRoles"])).toEqual(["node", ...own, ...numbered("foreign-", writes.appends)].toSorted());
  expect(data).toMatchObject(Object.fromEntries(numbered("", writes.patches).map((n) => [`foreign-${n}`, n])));
  expect(writes.appends).toBeGreaterThan(1);
  const attempts = ways.map(({ proxy }) => attemptsPerWrite(proxy.requests));
  expect(attempts).not.toContainEqual([]);
  console.log(`${title}: ${summary(attempts.flat(), writes)}`);
  expect(Math.max(...attempts.flat())).toBeLessThanOrEqual(most);
  for (const { proxy } of ways) {
    proxy.stop();
  }
}

describe("stacks of the SDK and the plugin that write to one map at once, beside two foreign writers", () => {
  test("lose no change on the real engine, and none of them starves", { timeout: 400_000 }, async ({
    cluster,
    map,
    addProject,
  }) => {
    const ways = await proxiesFor(cluster, numbered("stack", cases(2, 8)));
    const projects = await Promise.all(
      ways.map(async ({ stack, proxy }, index) => {
        const variant = variants[index % 2 === 0 ? 0 : 1];
        const project = await addProject({ ...variant.options, config: { "aws-auth:kubeconfig": "kubeconfig" } });
        await project.write("kubeconfig", proxy.kubeconfig("deployer"));
        await project.program(variant.program(rolesNamed(numbered(`${stack}-`, perStack))));
        return project;
      }),
    );
    const ups = Promise.all(projects.map((project) => project.up()));
    const { result, ...writes } = await writeConcurrently(map, usualPause, ups);
    for (const up of result) {
      expect(up).toMatchObject({ code: 0, output: expect.stringContaining(`+ ${perStack + 1} created`) });
    }
    await expectAll(`${ways.length} stacks of ${perStack} on the engine`, ways, writes, map);
  });

  test("lose nothing where many provider processes write without the engine between, as fast as they can", async ({
    cluster,
    map,
    addProject,
  }) => {
    const project = await addProject();
    const ways = await proxiesFor(cluster, numbered("process", cases(4, 8)));
    const runs = Promise.all(ways.map(({ stack, proxy }) => runProcess(project, stack, proxy)));
    const { result, ...writes } = await writeConcurrently(map, usualPause, runs);
    expect(result.map(({ error }) => error)).toEqual(ways.map(() => null));
    await expectAll(`${ways.length} processes of ${perStack}`, ways, writes, map);
  });
});

describe.runIf(isNightly)("a stack beside foreign writers that hardly pause", () => {
  test.for([200, 80, 40, 20])(
    "writes all of its entries, or reports the other writer: a pause of %i ms",
    { timeout: 300_000 },
    async (pause, { map, proxy, addProject }) => {
      proxy.reset();
      const run = runProcess(await addProject(), "stack", proxy);
      const { result, ...writes } = await writeConcurrently(map, pause, run);
      const written = rolesIn((await map.data())["mapRoles"]);
      console.log(`pause ${pause} ms: ${summary(attemptsPerWrite(proxy.requests), writes)}`);
      expect(written.filter((name) => name.startsWith("foreign"))).toHaveLength(writes.appends);
      if (result.error === null) {
        expect(written.filter((name) => name.startsWith("stack"))).toHaveLength(perStack);
      } else {
        expect(result.printed).toContain("was changed by another writer before each of 10 attempts to write it");
      }
    },
  );
});
