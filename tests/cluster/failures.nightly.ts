import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsAuthMap, grant, readerRules, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { rolesNamed } from "../support/doors/declared.ts";
import { pluginDoor } from "../support/doors/door.ts";
import { TestProject } from "../support/engine/testProject.ts";

describe("a cluster that a run cannot use, through the resource plugin", () => {
  let cluster: TestCluster;
  let map: AwsAuthMap;
  let project: TestProject;

  beforeAll(async () => {
    cluster = await startCluster({ users: [{ name: "stranger" }, { name: "reader" }, { name: "deployer" }] });
    map = new AwsAuthMap(cluster);
    await grant(cluster, "reader", readerRules);
    await grant(cluster, "deployer", writerRules);
    await map.reset({ mapRoles: "[]\n" });
    project = await TestProject.create({ env: { NO_PROXY: "*" }, ...pluginDoor.options });
    await project.program(pluginDoor.program(rolesNamed(["a"])));
  });
  afterAll(async () => {
    await project?.remove();
    await cluster?.stop();
  });

  it("names the missing permission of an identity that may not read", async () => {
    await project.configure({ "aws-auth:kubeconfig": cluster.kubeconfigFile("stranger") });
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain('User "stranger" cannot get resource "configmaps"');
    expect(output).toContain('bind a role in kube-system that allows get on configmaps "aws-auth"');
    expect(output).not.toMatch(/^\s+at /m);
  });

  it("names the missing permission of an identity that may read but not write", async () => {
    await project.configure({ "aws-auth:kubeconfig": cluster.kubeconfigFile("reader") });
    const { code, output } = await project.up();
    expect(code).not.toBe(0);
    expect(output).toContain('allows patch on configmaps "aws-auth"');
    expect(output).not.toMatch(/^\s+at /m);
    expect(await map.data()).toEqual({ mapRoles: "[]\n" });
  });

  it("reports endpoint, identity and cause if an API server does not respond, within 15 seconds", async () => {
    // It takes connections and never says a word, which is what a firewall between looks like.
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const kubeconfig = cluster.kubeconfig("reader").replace(cluster.server, `https://127.0.0.1:${port}`);
    await project.write("silent.kubeconfig", kubeconfig);
    await project.configure({ "aws-auth:kubeconfig": "silent.kubeconfig" });
    const start = performance.now();
    const { code, output } = await project.preview();
    // What the engine itself needs comes on top, on a busy machine as well.
    expect(performance.now() - start).toBeLessThan(60_000);
    silent.close();
    expect(code).not.toBe(0);
    expect(output).toContain(`127.0.0.1:${port}`);
    expect(output).toContain('context "reader"');
    expect(output).toMatch(/within 15 s|timed out|no response/);
    expect(output).toContain("--run-program");
    expect(output).not.toMatch(/^\s+at /m);
  });

  it("stops a refresh and a destroy with one clear line", async () => {
    await project.configure({ "aws-auth:kubeconfig": cluster.kubeconfigFile("deployer") });
    expect(await project.up()).toMatchObject({ code: 0 });
    const dead = cluster.kubeconfig("deployer").replace(cluster.server, "https://127.0.0.1:1");
    await project.write("dead.kubeconfig", dead);
    const moved = project.with({ AWS_AUTH_KUBECONFIG: "dead.kubeconfig" });
    for (const stopped of [await moved.refresh(), await moved.destroy()]) {
      expect(stopped.code).not.toBe(0);
      expect(stopped.output).toContain("leads to https://127.0.0.1:1, which is not the cluster of this mapping");
      expect(stopped.output).not.toMatch(/^\s+at /m);
    }
    expect((await map.data())["mapRoles"]).toContain("role/a");
  });

  it("does not stop a destroy with a moved kubeconfig if the environment names its new path", async () => {
    await project.write("old.kubeconfig", cluster.kubeconfig("deployer"));
    await project.configure({ "aws-auth:kubeconfig": "old.kubeconfig" });
    expect(await project.up()).toMatchObject({ code: 0 });
    await project.write("old.kubeconfig", "");
    const moved = project.with({ AWS_AUTH_KUBECONFIG: cluster.kubeconfigFile("deployer") });
    expect(await moved.destroy()).toMatchObject({ code: 0 });
    expect(await map.data()).toEqual({ mapRoles: "[]\n" });
  });
});
