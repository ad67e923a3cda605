import { test as base } from "vitest";
import { defaultLimits } from "../../../provider/cluster/http.ts";
import type { ConfigMapStore } from "../../../provider/cluster/store.ts";
import { type ProjectOptions, TestProject } from "../engine/testProject.ts";
import { FaultProxy } from "../proxy/faultProxy.ts";
import { AwsAuthMap, grant, readerRules, writerRules } from "./awsAuth.ts";
import { openCluster } from "./kubeconfigs.ts";
import { type ClusterUser, startCluster } from "./startCluster.ts";

/** A user with the documented Role for writing and no other permissions. */
const deployerName = "deployer";

const noUsers: readonly ClusterUser[] = [];

/**
 * A test on a real API server, which starts once for each file, with the users `deployer`, `reader`, who has the documented Role for
 * reading, and `stranger`, who has no permissions.
 */
export const test = base
  .extend("furtherUsers", { scope: "file" }, noUsers)
  .extend("cluster", { scope: "file" }, async ({ furtherUsers }, { onCleanup }) => {
    const users = [deployerName, "reader", "stranger"].map((name) => ({ name }));
    const cluster = await startCluster({ users: [...users, ...furtherUsers] });
    onCleanup(() => cluster.stop());
    await grant(cluster, deployerName, writerRules);
    await grant(cluster, "reader", readerRules);
    return cluster;
  })
  .extend("map", { scope: "file" }, ({ cluster }) => new AwsAuthMap(cluster))
  .extend("proxy", { scope: "file" }, async ({ cluster }, { onCleanup }) => {
    const proxy = await FaultProxy.start(cluster);
    onCleanup(() => proxy.stop());
    return proxy;
  })
  /** Creates a project of the deployer, which is removed at the end of the file. */
  .extend("addProject", { scope: "file" }, ({ cluster }, { onCleanup }) => {
    const projects: TestProject[] = [];
    onCleanup(async () => void (await Promise.all(projects.map((project) => project.remove()))));
    return async (options: ProjectOptions = {}): Promise<TestProject> => {
      const config = { "aws-auth:kubeconfig": cluster.kubeconfigFile(deployerName), ...options.config };
      const project = await TestProject.create({ ...options, config });
      projects.push(project);
      return project;
    };
  });

/** The provider's own store for the cluster of a kubeconfig. */
export async function storeOf(kubeconfig: string): Promise<ConfigMapStore> {
  return openCluster({ kubeconfig }, {}, defaultLimits);
}
