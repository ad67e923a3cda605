import { resolveClusterRef, type Settings } from "../cluster";
import { clustersAtOnce, mapConcurrent } from "../concurrency";
import { AwsAuthError } from "../errors";
import { assertEks, readFacts } from "./facts";
import { migrateCluster } from "./migrateCluster";
import { type MigratedCluster, type MigrationReport, schemaVersion, type UnreadCluster } from "./model";

/** A cluster that a report is to be about. */
export interface MigrationTarget {
  /** Names it where it cannot even be looked up. */
  readonly name: string;
  /** As the `cluster` of a program. */
  readonly cluster: unknown;
  readonly settings: Settings;
}

/** How a report is made. */
export interface MigrationOptions {
  /** ARNs of roles and users that were not made again since their access entries, where IAM does not tell. */
  readonly trusted?: readonly string[];
  /** Told after each cluster how many are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** The words for an error; by default its own. */
  readonly describe?: (error: AwsAuthError, target: MigrationTarget) => string;
}

/** Reports on clusters, so many side by side. One that cannot be read is told among the unread, and does not stop the others. */
export async function migrateClusters(
  targets: readonly MigrationTarget[],
  { trusted = [], onProgress, describe = (error) => error.message }: MigrationOptions = {},
): Promise<MigrationReport> {
  let done = 0;
  const results = await mapConcurrent(targets, clustersAtOnce, async (target) => {
    const result = await migrate(target, trusted, describe);
    onProgress?.(++done);
    return result;
  });
  const clusters = results.flatMap((result) => ("verdict" in result ? [result] : []));
  return {
    kind: "MigrationReport",
    schemaVersion,
    // Two names may lead to one cluster.
    clusters: clusters.filter(({ id }, index) => clusters.findIndex((other) => other.id === id) === index),
    unread: results.flatMap((result) => ("code" in result ? [result] : [])),
  };
}

async function migrate(
  target: MigrationTarget,
  trusted: readonly string[],
  describe: NonNullable<MigrationOptions["describe"]>,
): Promise<MigratedCluster | UnreadCluster> {
  const { name, cluster, settings } = target;
  try {
    const ref = await resolveClusterRef(cluster, settings);
    assertEks(ref);
    return migrateCluster(await readFacts(ref, settings), trusted);
  } catch (error) {
    if (error instanceof AwsAuthError) {
      return { name, code: error.code, message: describe(error, target) };
    }
    throw error;
  }
}
