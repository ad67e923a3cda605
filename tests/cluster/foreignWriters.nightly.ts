import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attemptsPerWrite, type CountingProxy, startCountingProxy } from "../support/cluster/countingProxy.ts";
import { type Deployer, deployerName, startDeployer } from "../support/cluster/deployer.ts";
import { roleArn, rolesIn, writeBeside } from "../support/cluster/foreignWriter.ts";

const stackProcess = fileURLToPath(new URL("../support/cluster/stackProcess.ts", import.meta.url));
const mappings = 25;

describe("a stack beside foreign writers that hardly pause", () => {
  let deployer: Deployer;
  let proxy: CountingProxy;

  beforeAll(async () => {
    deployer = await startDeployer({});
    proxy = await startCountingProxy(deployer.cluster);
    await deployer.project.write("kubeconfig", proxy.kubeconfig(deployerName, "stack"));
  });
  afterAll(async () => {
    await proxy?.stop();
    await deployer?.stop();
  });

  /** How the process ended: what it printed on stderr, and whether it failed. */
  function runStack(): Promise<{ readonly isDone: boolean; readonly said: string }> {
    const args = [stackProcess, "kubeconfig", "stack", `${mappings}`];
    return new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: deployer.project.directory }, (error, _stdout, stderr) =>
        resolve({ isDone: error === null, said: stderr }),
      );
    });
  }

  it.each([200, 80, 40, 20])(
    "writes all of its entries, or says who is in the way: a pause of %i ms",
    { timeout: 300_000 },
    async (pause) => {
      await deployer.map.reset({ mapRoles: `- rolearn: ${roleArn("node")}\n  username: node\n` });
      const before = proxy.requests.length;
      const start = performance.now();
      const { result, patches, appends } = await writeBeside(deployer.map, pause, runStack());
      const seconds = (performance.now() - start) / 1_000;
      const attempts = attemptsPerWrite(proxy.requests.slice(before)).get("stack") ?? [];
      const written = rolesIn((await deployer.map.data())["mapRoles"]);
      const mean = attempts.reduce((sum, count) => sum + count, 0) / Math.max(1, attempts.length);
      console.log(
        `pause ${pause} ms: ${((patches + appends) / seconds).toFixed(0)} foreign writes/s, ${result.isDone ? "done" : "gave up"} ` +
          `after ${seconds.toFixed(1)} s, ${attempts.length} writes, attempts ${mean.toFixed(1)} on average and ${Math.max(0, ...attempts)} at most`,
      );
      expect(written.filter((name) => name.startsWith("foreign"))).toHaveLength(appends);
      if (result.isDone) {
        expect(written.filter((name) => name.startsWith("stack"))).toHaveLength(mappings);
      } else {
        expect(result.said).toContain("was changed by another writer before each of 10 attempts to write it");
      }
    },
  );
});
