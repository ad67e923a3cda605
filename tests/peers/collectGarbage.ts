import { setTimeout as delay } from "node:timers/promises";
import type { TestCluster } from "../support/cluster/startCluster.ts";

/** The objects in an API server's list, as far as it matters here. */
interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly deletionTimestamp?: string } }[];
}

/**
 * Does the one thing that the real plugin needs of a garbage collector, which a bare API server lacks: it deletes in the foreground, so
 * that an object stays until its dependents are gone. Objects of these lists have none.
 */
export function collectGarbage(cluster: TestCluster, lists: readonly string[]): { stop(): Promise<void> } {
  let isWanted = true;
  const collecting = (async () => {
    while (isWanted) {
      for (const list of lists) {
        await release(cluster, list);
      }
      await delay(100);
    }
  })();
  return {
    stop: () => {
      isWanted = false;
      return collecting;
    },
  };
}

async function release(cluster: TestCluster, list: string): Promise<void> {
  const { body } = await cluster.request("GET", list);
  for (const { metadata } of isList(body) ? body.items : []) {
    if (metadata.deletionTimestamp === undefined) {
      continue;
    }
    await cluster.request("PATCH", `${list}/${metadata.name}`, { metadata: { finalizers: null } });
  }
}

function isList(body: unknown): body is Listed {
  return typeof body === "object" && body !== null && "items" in body;
}
