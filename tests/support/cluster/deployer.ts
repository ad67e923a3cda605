import { type ProjectOptions, TestProject } from "../engine/testProject.ts";
import { AwsAuthMap, grant, writerRules } from "./awsAuth.ts";
import { startCluster, type TestCluster } from "./startCluster.ts";

/** A cluster with a map, and a project of a user who may do there what the documented Role allows, and nothing else. */
export interface Deployer {
  readonly cluster: TestCluster;
  readonly map: AwsAuthMap;
  readonly project: TestProject;
  stop(): Promise<void>;
}

/** Name of that user. */
export const deployerName = "deployer";

/** Starts the cluster; the map holds `data`, and the ConfigMap the metadata besides its name. */
export async function startDeployer(
  data: Readonly<Record<string, string>>,
  metadata: object = {},
  options: ProjectOptions = {},
): Promise<Deployer> {
  const cluster = await startCluster({ users: [{ name: deployerName }] });
  const map = new AwsAuthMap(cluster);
  await grant(cluster, deployerName, writerRules);
  await map.reset(data, metadata);
  const config = { "aws-auth:kubeconfig": cluster.kubeconfigFile(deployerName) };
  const project = await TestProject.create({ ...options, config });
  return {
    cluster,
    map,
    project,
    stop: async () => {
      await project.remove();
      await cluster.stop();
    },
  };
}
