import { sideBySide } from "../sideBySide";
import { run } from "./run";

/** How many clusters are looked up side by side: each takes a call to EKS, whose limit is shared by the whole account, and a read. */
export const clustersAtOnce = 8;

/**
 * Begins to read the maps of clusters that the program is going to ask for. The engine checks one resource after the other, so that
 * a program with many clusters would otherwise wait for each in turn.
 *
 * @param named the clusters, as JSON: the same for every resource that was made with them.
 */
export function lookAhead(named: string | undefined): void {
  if (named === undefined || begun.has(named)) {
    return;
  }
  begun.add(named);
  const clusters: unknown[] = JSON.parse(named);
  void sideBySide(clusters, clustersAtOnce, (cluster) =>
    run
      .sessionOf(cluster)
      .then((session) => session.document())
      // The resource that needs the cluster is told what is wrong with it.
      .catch(() => undefined),
  );
}

const begun = new Set<string>();
