import { recipes } from "../tests/support/parts/recipes.ts";
import type { Bound } from "./verdict.ts";

/** The compared tool, with its version. */
export const eksctlName = `eksctl ${recipes.eksctl.version}`;

/** The steps compared with eksctl, and their names in the table. */
export const besideEksctl = {
  up: "up",
  again: "second run, nothing changed",
  change: "one mapping changed",
} as const;

/** The operations measured on a stack of 1,000, and their names in the table. */
const operations = {
  up: "up",
  preview: "preview without change",
  refresh: "refresh without change",
  destroy: "destroy",
};

const idle = "a provider that does nothing";

/** The bounds of all readings, in the order of the table. */
export const bounds: Readonly<Record<string, Bound>> = {
  ...besideEksctlAt("near", "API server near"),
  ...besideEksctlAt("far", "API server 100 ms away"),
  ...Object.fromEntries(
    Object.entries(operations).map(([operation, name]): [string, Bound] => [
      `life/${operation}`,
      { subject: `${name} of 1,000`, against: idle, most: 1.3 },
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        ["up", 4],
        ["preview", 2.5],
        ["refresh", 2.5],
        ["destroy", 8],
      ] as const
    ).flatMap(([operation, most]): [string, Bound][] => {
      const subject = `${operations[operation]}, 100 access entries beside 1,000 of others`;
      return [
        [`entries/${operation}`, { subject: `calls to EKS for each mapping: ${subject}`, most }],
        [`entries/${operation}/time`, { subject }],
      ];
    }),
  ),
  "life/memory": { subject: "peak memory of the provider process, up of 1,000", against: idle, most: 1.5 },
};

/** The bound of a reading. @throws if the table has no such reading. */
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
