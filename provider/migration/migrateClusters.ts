import { type ClusterTarget, type ReadOptions, readClusters } from "../cluster/readClusters";
import { assertEks, readFacts } from "./facts";
import { migrateCluster } from "./migrateCluster";
import { type MigrationReport, schemaVersion } from "./model";

/**
 * Reports on clusters, so many side by side. One that cannot be read is told among the unread, and does not stop the others.
 *
 * @param options how they are read, and the `trusted` of {@link migrateCluster}.
 */
export async function migrateClusters(
  targets: readonly ClusterTarget[],
  options: ReadOptions & { readonly trusted?: readonly string[] } = {},
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
