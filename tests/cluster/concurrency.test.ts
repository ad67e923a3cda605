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

/** Milliseconds between two changes of each foreign writer, which is more often than a controller writes. */
const usualPause = 500;

/** The attempts of one write, after which a session fails. */
const maxAttempts = 10;

const stackProcess = fileURLToPath(new URL("../support/cluster/stackProcess.ts", import.meta.url));

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

test.beforeEach(({ map }) => map.reset({ mapRoles: `- rolearn: ${roleArn("node")}\n  username: node\n` }));

/** A proxy for each stack, which counts its attempts. */
async function proxiesFor(cluster: TestCluster, stacks: readonly string[]) {
  return Promise.all(stacks.map(async (stack) => ({ stack, proxy: await FaultProxy.start(cluster) })));
}

/** Runs a stack in its own process, without the engine, and returns its error and its stderr. */
async function runProcess(project: TestProject, stack: string, proxy: FaultProxy) {
  await project.write(`${stack}.kubeconfig`, proxy.kubeconfig("deployer"));
  const args = [stackProcess, `${stack}.kubeconfig`, stack, `${perStack}`];
  return new Promise<{ readonly error: ExecFileException | null; readonly printed: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: project.directory }, (error, _stdout, printed) =>
      resolve({ error, printed }),
    );
  });
}

/** A summary of a run; the README quotes the attempts. */
function summary(attempts: readonly number[], { patches, appends }: ForeignWrites): string {
  const mean = attempts.reduce((sum, count) => sum + count, 0) / Math.max(1, attempts.length);
  return (
    `${attempts.length} writes, attempts per write ${mean.toFixed(2)} on average and ${Math.max(0, ...attempts)} at most, ` +
    `beside ${patches + appends} foreign writes`
  );
}

/** Asserts that no entry of any writer is lost, and that no write took too many attempts. */
async function expectAll(
  title: string,
  proxies: readonly { readonly stack: string; readonly proxy: FaultProxy }[],
  writes: ForeignWrites,
  map: AwsAuthMap,
) {
  const data = await map.data();
  const own = proxies.flatMap(({ stack }) => numbered(`${stack}-`, perStack));
  expect(rolesIn(data["mapRoles"])).toEqual(["node", ...own, ...numbered("foreign-", writes.appends)].toSorted());
  expect(data).toMatchObject(Object.fromEntries(numbered("", writes.patches).map((n) => [`foreign-${n}`, n])));
  expect(writes.appends).toBeGreaterThan(1);
  const attempts = proxies.map(({ proxy }) => attemptsPerWrite(proxy.requests));
  expect(attempts).not.toContainEqual([]);
  console.log(`${title}: ${summary(attempts.flat(), writes)}`);
  expect(Math.max(...attempts.flat())).toBeLessThanOrEqual(maxAttempts);
  for (const { proxy } of proxies) {
    proxy.stop();
  }
}

describe("stacks of the SDK and the plugin that write one map concurrently with two other writers", () => {
  test("lose no change on the real engine, and none starves", { timeout: 400_000 }, async ({
    cluster,
    map,
    addProject,
  }) => {
    const proxies = await proxiesFor(cluster, numbered("stack", cases(2, 8)));
    const projects = await Promise.all(
      proxies.map(async ({ stack, proxy }, index) => {
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
    await expectAll(`${proxies.length} stacks of ${perStack} on the engine`, proxies, writes, map);
  });

  test("lose no change if many provider processes write at full speed, without the engine", async ({
    cluster,
    map,
    addProject,
  }) => {
    const project = await addProject();
    const proxies = await proxiesFor(cluster, numbered("process", cases(4, 8)));
    const runs = Promise.all(proxies.map(({ stack, proxy }) => runProcess(project, stack, proxy)));
    const { result, ...writes } = await writeConcurrently(map, usualPause, runs);
    expect(result.map(({ error }) => error)).toEqual(proxies.map(() => null));
    await expectAll(`${proxies.length} processes of ${perStack}`, proxies, writes, map);
  });
});

describe.runIf(isNightly)("a stack next to other writers that hardly pause", () => {
  test.for([200, 80, 40, 20])(
    "writes all its entries, or reports the other writer, at a pause of %i ms",
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
        expect(result.printed).toContain("all 10 attempts to write kube-system/aws-auth conflicted with another");
      }
    },
  );
});
