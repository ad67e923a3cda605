import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AwsAuthMap } from "../support/cluster/awsAuth.ts";
import { attemptsPerWrite, type CountingProxy, startCountingProxy } from "../support/cluster/countingProxy.ts";
import { type Deployer, deployerName, startDeployer } from "../support/cluster/deployer.ts";
import { type ForeignWrites, roleArn, rolesIn, writeBeside } from "../support/cluster/foreignWriter.ts";
import type { TestCluster } from "../support/cluster/startCluster.ts";
import { rolesNamed } from "../support/doors/declared.ts";
import { doors } from "../support/doors/door.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { cases } from "../support/nightly.ts";

const perStack = 25;

/** Milliseconds between two changes of each foreign writer: more than any controller makes. */
const pause = 500;

/** Attempts of one write. A session gives up after them. */
const most = 10;

const node = `- rolearn: ${roleArn("node")}\n  username: node\n`;
const stackProcess = fileURLToPath(new URL("../support/cluster/stackProcess.ts", import.meta.url));
const execute = promisify(execFile);

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

describe("stacks of either door that write to one map at once, beside two foreign writers", () => {
  let deployer: Deployer;
  let cluster: TestCluster;
  let map: AwsAuthMap;
  let proxy: CountingProxy;

  beforeAll(async () => {
    deployer = await startDeployer({});
    ({ cluster, map } = deployer);
    proxy = await startCountingProxy(cluster);
  });
  beforeEach(() => map.reset({ mapRoles: node }));
  afterAll(async () => {
    await proxy?.stop();
    await deployer?.stop();
  });

  /**
   * Nothing of anybody is lost, and nobody tried in vain for long; the attempts are printed, since they are a figure of the README.
   */
  async function expectAll(title: string, stacks: readonly string[], writes: ForeignWrites, before: number) {
    const data = await map.data();
    const own = stacks.flatMap((stack) => numbered(`${stack}-`, perStack));
    expect(rolesIn(data["mapRoles"])).toEqual(["node", ...own, ...numbered("foreign-", writes.appends)].toSorted());
    expect(data).toMatchObject(Object.fromEntries(numbered("", writes.patches).map((n) => [`foreign-${n}`, n])));
    expect(writes.appends).toBeGreaterThan(2);
    const attempts = attemptsPerWrite(proxy.requests.slice(before));
    expect([...attempts.keys()].toSorted()).toEqual([...stacks].toSorted());
    const all = [...attempts.values()].flat();
    const mean = all.reduce((sum, count) => sum + count, 0) / all.length;
    console.log(
      `${title}: ${all.length} writes, attempts per write ${mean.toFixed(2)} on average and ${Math.max(...all)} at most, ` +
        `beside ${writes.patches + writes.appends} foreign writes`,
    );
    expect(Math.max(...all)).toBeLessThanOrEqual(most);
  }

  it("lose no change on the real engine, and none of them starves", { timeout: 400_000 }, async () => {
    const stacks = numbered("stack", cases(2, 8));
    const projects = await Promise.all(
      stacks.map(async (stack, index) => {
        const door = doors[index % 2 === 0 ? 0 : 1];
        const project = await TestProject.create({ config: { "aws-auth:kubeconfig": "kubeconfig" }, ...door.options });
        await project.write("kubeconfig", proxy.kubeconfig(deployerName, stack));
        await project.program(door.program(rolesNamed(numbered(`${stack}-`, perStack))));
        return project;
      }),
    );
    const before = proxy.requests.length;
    const ups = Promise.all(projects.map((project) => project.up()));
    const { result, ...writes } = await writeBeside(map, pause, ups);
    await Promise.all(projects.map((project) => project.remove()));
    for (const up of result) {
      expect(up).toMatchObject({ code: 0, output: expect.stringContaining(`+ ${perStack + 1} created`) });
    }
    await expectAll(`${stacks.length} stacks of ${perStack} on the engine`, stacks, writes, before);
  });

  it("lose nothing where many provider processes write without the engine between, as fast as they can", async () => {
    const stacks = numbered("process", cases(4, 8));
    for (const stack of stacks) {
      await deployer.project.write(`${stack}.kubeconfig`, proxy.kubeconfig(deployerName, stack));
    }
    const before = proxy.requests.length;
    const runs = stacks.map((stack) =>
      execute(process.execPath, [stackProcess, `${stack}.kubeconfig`, stack, `${perStack}`], {
        cwd: deployer.project.directory,
      }),
    );
    const { result: _printed, ...writes } = await writeBeside(map, pause, Promise.all(runs));
    await expectAll(`${stacks.length} processes of ${perStack}`, stacks, writes, before);
  });

  it("stop at the preview of another program that maps the same ARN otherwise, before any write", async () => {
    await map.reset({ mapRoles: `- rolearn: ${roleArn("m7")}\n  username: m7\n` });
    await deployer.project.program(
      `new IdentityMapping("mine", { arn: "arn:aws:iam::111122223333:role/team/M7", groups: ["system:masters"] });`,
    );
    const before = await map.read();
    const { code, output } = await deployer.project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'arn "arn:aws:iam::111122223333:role/M7" is already mapped (mapRoles entry 1: username "m7")',
    );
    expect(await map.read()).toEqual(before);
  });
});
