import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AwsAuthMap, grant, readerRules, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import type { Declared, DeclaredOptions } from "../support/doors/declared.ts";
import { pluginDoor } from "../support/doors/door.ts";
import { TestProject } from "../support/engine/testProject.ts";

const arn = "arn:aws:iam::111122223333:role/dev";
const entry = `- rolearn: ${arn}\n  username: dev\n`;

describe("two contexts of one kubeconfig, which lead to one API server as two users, through the resource plugin", () => {
  let cluster: TestCluster;
  let map: AwsAuthMap;
  let project: TestProject;

  beforeAll(async () => {
    cluster = await startCluster({ users: [{ name: "reader" }, { name: "writer" }] });
    map = new AwsAuthMap(cluster);
    await grant(cluster, "reader", readerRules);
    await grant(cluster, "writer", writerRules);
  });
  afterAll(() => cluster?.stop());
  beforeEach(async () => {
    // Who may only read can take an entry over only where that claims nothing.
    project = await TestProject.create({ config: { "aws-auth:ownership": "off" }, ...pluginDoor.options });
    await project.write("kubeconfig.yaml", kubeconfig());
    await map.reset({ mapRoles: entry });
    return () => project.remove();
  });

  const kubeconfig = () => {
    const names = ["reader", "writer"];
    return JSON.stringify({
      clusters: [{ name: "c", cluster: { server: cluster.server, "certificate-authority-data": cluster.caData } }],
      users: names.map((name) => ({ name, user: { token: cluster.token(name) } })),
      contexts: names.map((name) => ({ name, context: { cluster: "c", user: name } })),
      "current-context": "reader",
    });
  };
  const mapping = (name: string, context: string, args: object, options: DeclaredOptions = {}): Declared => {
    const cluster = { kubeconfig: "kubeconfig.yaml", context };
    return { [name]: { properties: { cluster, ...args }, options } };
  };
  const declare = (mappings: Declared) => project.program(pluginDoor.program(mappings));
  const found = mapping("found", "reader", { arn, username: "dev" });
  const added = mapping("added", "writer", { account: "012345678901" });

  const orders = [
    ["first", { ...found, ...added }],
    ["last", { ...added, ...found }],
  ] as const;

  it.each(orders)(
    "have each its own rights, also where the one that may only read comes %s",
    async (_title, mappings) => {
      await declare(mappings);
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 3 created") });
      expect(await map.data()).toEqual({ mapRoles: entry, mapAccounts: '- "012345678901"\n' });
      // The state names the context, and so do its refresh and its removal.
      await declare(found);
      expect(await project.refresh()).toMatchObject({ code: 0 });
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
      expect(await map.data()).toEqual({ mapRoles: entry, mapAccounts: "[]\n" });
    },
  );

  it("do not lend their rights: what the one that may only read adds is refused", async () => {
    // After the first one, since the engine begins nothing new once a step has failed.
    const refused = mapping("refused", "reader", { account: "012345678902" }, { dependsOn: ["added"] });
    await declare({ ...added, ...refused });
    const up = await project.up();
    expect(up.code).not.toBe(0);
    expect(up.output).toContain('user "reader"');
    expect((await map.data())["mapAccounts"]).toBe('- "012345678901"\n');
  });

  it("are one cluster: one role over both is refused, and over the other context nothing is replaced", async () => {
    await declare({ ...found, ...mapping("again", "writer", { arn, username: "dev" }) });
    const twice = await project.preview();
    expect(twice.code).not.toBe(0);
    expect(twice.output).toContain("two resources");
    await declare(found);
    expect(await project.up()).toMatchObject({ code: 0 });
    await declare(mapping("found", "writer", { arn, username: "dev" }));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    await declare(mapping("renamed", "reader", { arn, username: "dev" }));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
    expect(await map.data()).toEqual({ mapRoles: entry });
  });
});
