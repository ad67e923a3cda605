import { type ClusterTarget, type ReadOptions, readClusters } from "../cluster/readClusters";
import { assertEks, readFacts } from "./facts";
import { migrateCluster } from "./migrateCluster";
import { type MigrationReport, schemaVersion } from "./model";

/** How a report is made. */
interface MigrationOptions extends ReadOptions {
  /** ARNs of roles and users that were not made again since their access entries, where IAM does not tell. */
  readonly trusted?: readonly string[];
}

/** Reports on clusters, so many side by side. One that cannot be read is told among the unread, and does not stop the others. */
export async function migrateClusters(
  targets: readonly ClusterTarget[],
  options: MigrationOptions = {},
): Promise<MigrationReport> {
  const { clusters, unread } = await readClusters(targets, options, async (ref, settings) => {
    assertEks(ref);
    return migrateCluster(await readFacts(ref, settings), options.trusted);
  });
  return {
    kind: "MigrationReport",
    schemaVersion,
    clusters,
    unread: unread.map(({ name, code, message }) => ({ name, code, message })),
  };
}
