import { run } from "./run";

/** How many clusters are looked up side by side: each takes a call to EKS, whose limit is shared by the whole account, and a read. */
const sideBySide = 8;

/**
 * Begins to read the maps of clusters that the program is going to ask for. The engine checks one resource after the other, so that
 * a program with many clusters would otherwise wait for each in turn.
 */
export function lookAhead(clusters: readonly unknown[]): void {
  const waiting = clusters.values();
  const readNext = async () => {
    for (const cluster of waiting) {
      // The resource that needs the cluster is told what is wrong with it.
      await run
        .sessionOf(cluster)
        .then((session) => session.document())
        .catch(() => undefined);
    }
  };
  for (let started = 0; started < Math.min(sideBySide, clusters.length); started++) {
    void readNext();
  }
}
