import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { TestProject } from "../support/engine/testProject.ts";

const count = 40;

/** Milliseconds between two changes of the foreign writer: some 20 writes a second, far more than any controller makes. */
const pause = 80;

describe("one up of 40 mappings while somebody else keeps writing", () => {
  let cluster: TestCluster;
  let map: AwsAuthMap;
  let project: TestProject;

  beforeAll(async () => {
    cluster = await startCluster({ users: [{ name: "deployer" }] });
    map = new AwsAuthMap(cluster);
    await grant(cluster, "deployer", writerRules);
    await map.reset({ mapRoles: "- rolearn: arn:aws:iam::111122223333:role/node\n  username: node\n" });
    project = await TestProject.create({ config: { "aws-auth:kubeconfig": cluster.kubeconfigFile("deployer") } });
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
  });

  it("loses nothing: every mapping and every foreign change is there", async () => {
    await project.program(`
      for (let i = 1; i <= ${count}; i++) {
        new IdentityMapping("m" + i, { arn: "arn:aws:iam::111122223333:role/m" + i, username: "m" + i });
      }
    `);
    const up = project.up();
    let foreign = 0;
    let isDone = false;
    void up.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await map.patch({ [`foreign-${++foreign}`]: `${foreign}` });
      await map.appendRole(`arn:aws:iam::111122223333:role/foreign-${foreign}`);
      await setTimeout(pause);
    }
    expect(await up).toMatchObject({ code: 0, output: expect.stringContaining(`+ ${count + 1} created`) });

    const data = await map.data();
    const arns = [...(data["mapRoles"] ?? "").matchAll(/role\/(\S+)/g)].map(([, name]) => name);
    const names = (prefix: string, n: number) => Array.from({ length: n }, (_, i) => `${prefix}${i + 1}`);
    expect(foreign).toBeGreaterThan(10);
    expect(arns.toSorted()).toEqual(["node", ...names("m", count), ...names("foreign-", foreign)].toSorted());
    expect(data).toMatchObject(Object.fromEntries(names("", foreign).map((n) => [`foreign-${n}`, n])));
  });
});
