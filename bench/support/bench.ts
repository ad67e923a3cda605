import { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { type ClusterOptions, startCluster, type TestCluster } from "../../tests/support/cluster/startCluster.ts";
import type { Reading } from "../reading.ts";

/** What a measurement works with. */
export interface Bench {
  readonly isQuick: boolean;
  /** Says what is going on, for the one who watches. */
  progress(text: string): void;
  /** Hands a reading over: it is printed and kept at once. */
  emit(reading: Reading): Promise<void>;
  /** Remembers what to do at the end of the measurement, however it ends; the last one is done first. */
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

/** What a map holds before a stack comes to it. */
export const otherEntries = {
  mapRoles: `- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: arn:aws:iam::111122223333:role/node-group-1
  username: system:node:{{EC2PrivateDNSName}}
`,
} as const;
