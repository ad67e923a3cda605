import { recipes } from "../tests/support/parts/recipes.ts";
import type { Bound } from "./verdict.ts";

/** The real peer. */
export const eksctlName = `eksctl ${recipes.eksctl.version}`;

/** What is compared with eksctl, as rows name it. */
export const besideEksctl = {
  up: "up",
  again: "second run, nothing changed",
  change: "one mapping changed",
} as const;

/** What a stack of 1,000 is compared in, as rows name it. */
const operations = {
  up: "up",
  preview: "preview without change",
  refresh: "refresh without change",
  destroy: "destroy",
};

const idle = "a provider that does nothing";

/** Every reading that the benchmark makes, with its bound, in the order of the table. */
export const bounds: Readonly<Record<string, Bound>> = {
  ...besideEksctlAt("near", "API server near"),
  ...besideEksctlAt("far", "API server 100 ms away"),
  ...Object.fromEntries(
    Object.entries(operations).map(([operation, name]): [string, Bound] => [
      `life/${operation}`,
      { subject: `${name} of 1,000`, against: idle, most: 1.3 },
    ]),
  ),
  "life/memory": { subject: "peak memory of the provider process, up of 1,000", against: idle, most: 1.5 },
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
