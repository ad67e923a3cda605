import { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { type ClusterOptions, startCluster, type TestCluster } from "../../tests/support/cluster/startCluster.ts";
import type { Reading } from "../reading.ts";

/** What a measurement works with. */
export interface Bench {
  readonly isQuick: boolean;
  /** The directory of the resource plugin's start script; undefined for the plugin as it is released. */
  readonly plugin: string | undefined;
  /** Prints progress. */
  progress(text: string): void;
  /** Reports a reading, which is printed and saved immediately. */
  emit(reading: Reading): Promise<void>;
  /** Registers a cleanup for the end of the measurement; the last one runs first. */
  onEnd(cleanUp: () => Promise<void>): void;
}

/** A real API server for one measurement. */
export async function clusterFor(
  bench: Bench,
  options?: ClusterOptions,
): Promise<{ cluster: TestCluster; map: AwsAuthMap }> {
  const cluster = await startCluster(options);
  bench.onEnd(() => cluster.stop());
  return { cluster, map: new AwsAuthMap(cluster) };
}

/** The content of a map before a stack writes to it. */
export const otherEntries = {
  mapRoles: `- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: arn:aws:iam::111122223333:role/node-group-1
  username: system:node:{{EC2PrivateDNSName}}
`,
} as const;
