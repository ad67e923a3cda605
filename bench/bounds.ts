import { eksctlRecipe } from "../tests/support/parts/recipes.ts";
import type { Door } from "./projects.ts";
import type { Bound } from "./verdict.ts";

/** The real peer. */
export const eksctlName = `eksctl ${eksctlRecipe.version}`;

/** What is compared with eksctl, as rows name it. */
export const besideEksctl = {
  up: "up",
  again: "second run, nothing changed",
  change: "one mapping changed",
} as const;

/** Every reading that the benchmark makes, with the bound that it has to keep, in the order of the table. */
export const bounds: Readonly<Record<string, Bound>> = {
  ...besideEksctlAt("near", "API server near"),
  ...besideEksctlAt("far", "API server 100 ms away"),
  ...lifeOf("dynamic", "a provider that does nothing", ""),
  ...lifeOf("plugin", "a resource plugin that does nothing", " in YAML"),
  "far/up": {
    subject: "up of 200, API server 100 ms away",
    against: "a provider that waits 100 ms in each create",
  },
  "far/writes": { subject: "API writes of that up" },
  "calls/reads/preview": { subject: "API reads, preview of 200", most: 1 },
  "calls/writes/preview": { subject: "API writes, preview of 200", most: 0 },
  "calls/reads/up": { subject: "API reads, up of 200" },
  "calls/writes/up": { subject: "API writes, up of 200" },
  "calls/growth": {
    subject: "up of 20, one after the other, in a map of 7,000 entries",
    against: "in a map of 1,000",
    most: 7,
  },
  "fleet/up": {
    subject: "up of 200 on 50 clusters, EKS and API servers 50 ms away",
    against: "up of 200 on one cluster",
    most: 1.3,
  },
  "fleet/describes": { subject: "DescribeCluster calls for 50 clusters", most: 50 },
  "fleet/lookups": { subject: "DescribeCluster calls under way at once", most: 16 },
  "fleet/reads": { subject: "API reads for 50 clusters", most: 50 },
  "fleet/connections": { subject: "connections to 50 API servers", most: 50 },
  "review/time": {
    subject: "review of a map of 1,000 with 2,000 bindings",
    against: "get of the same map",
    most: 6,
  },
  "review/memory": { subject: "peak memory of that review", most: 300 },
  "review/fleet": {
    subject: "review of 50 clusters, EKS and API servers 50 ms away",
    against: "as many waves of 8 clusters as it takes",
    most: 1.3,
  },
};

/** The bound of a reading. @throws when a measurement makes a reading that the table does not have. */
export function boundOf(id: string): Bound {
  const bound = bounds[id];
  if (bound === undefined) {
    throw new Error(`the table of bounds has no "${id}"`);
  }
  return bound;
}

function besideEksctlAt(distance: "near" | "far", where: string): Record<string, Bound> {
  return Object.fromEntries(
    Object.entries(besideEksctl).map(([step, name]) => [
      `eksctl/${distance}/${step}`,
      { subject: `${name}, 200 mappings, ${where}`, against: eksctlName, most: 1 },
    ]),
  );
}

/** Of a small stack the start of the processes is most of the time: only the largest is bounded. */
function lifeOf(door: Door, against: string, where: string): Record<string, Bound> {
  const names = { up: "up", preview: "preview without change", refresh: "refresh without change", destroy: "destroy" };
  const rows = [10, 100, 1000].flatMap((count) =>
    Object.entries(names).map(([operation, name]): [string, Bound] => [
      `life/${door}/${operation}/${count}`,
      {
        subject: `${name} of ${count.toLocaleString("en-US")}${where}`,
        against,
        ...(count === 1000 && { most: 1.3 }),
      },
    ]),
  );
  const memory = { subject: `peak memory of the provider process, up of 1,000${where}`, against, most: 1.5 };
  return { ...Object.fromEntries(rows), [`life/${door}/memory/1000`]: memory };
}
