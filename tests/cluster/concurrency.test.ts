import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { TestProject } from "../support/engine/testProject.ts";

const count = 40;

/** Milliseconds between two changes of the foreign writer: some 20 writes a second, far more than any controller makes. */
const pause = 80;

describe("40 mappings of one program", () => {
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

  it("are all there after one up while somebody else keeps writing, and so is every foreign change", async () => {
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

  it("stops the preview of a second program that maps the same ARN otherwise, before any write", async () => {
    const second = await TestProject.create({ config: { "aws-auth:kubeconfig": cluster.kubeconfigFile("deployer") } });
    await second.program(
      `new IdentityMapping("mine", { arn: "arn:aws:iam::111122223333:role/team/M7", groups: ["system:masters"] });`,
    );
    const before = await map.read();
    const { code, output } = await second.preview();
    await second.remove();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'arn "arn:aws:iam::111122223333:role/M7" is already mapped in kube-system/aws-auth by "arn:aws:iam::111122223333:role/m7" in mapRoles entry ',
    );
    expect(output).toContain(
      '(username "m7", no groups), and this resource says no username, groups ["system:masters"]',
    );
    expect(await map.read()).toEqual(before);
  });
});
