import { eksctlRecipe } from "../tests/support/parts/recipes.ts";
import { packageGroups } from "./start/packageGroups.ts";

/** A bound that a reading has to keep. */
export interface Bound {
  /** What is measured, as a row of the table names it. */
  readonly subject: string;
  /** What it is compared with; a reading that is bounded by itself has none. */
  readonly against?: string;
  /** The most that is allowed: of a comparison as a multiple of its base, else in the reading's own unit. None: only reported. */
  readonly most?: number;
  /** In a comparison: how much over its base is always allowed, in the reading's unit. */
  readonly slack?: number;
  /** In a comparison: the resolution of the clock, in the reading's unit; smaller figures count as this much. */
  readonly resolution?: number;
  /** The least that is allowed, in the reading's own unit. */
  readonly least?: number;
  /** Whether the figure is counted rather than timed: then it is the same in every run, and there is no noise. */
  readonly isExact?: true;
}

const floor = "a provider that does nothing";
const emptyPlugin = "a resource plugin that does nothing";
const unrefreshedPlugin = "a resource plugin that does nothing, without refreshes";
const dynamicResource = "the dynamic resource, in a Node program";
const ordinary = "pulumi.dynamic.Resource that does nothing";

/** The operations of a lifecycle, as rows name them. */
const operations = {
  up: "up",
  preview: "preview without change",
  drift: "preview with 1 % drift",
  destroy: "destroy",
} as const;

/** Those of a stack that uses the resource plugin. */
const pluginOperations = { ...operations, refresh: "refresh without change" } as const;

/** The real peer. */
export const eksctlName = `eksctl ${eksctlRecipe.version}`;

/** What is compared with eksctl, as rows name it, with the bounds near and far. */
export const besideEksctl = {
  up: { subject: "up", near: 0.7, far: 0.4 },
  upWithPreview: { subject: "up with a preview before it", near: 1, far: 0.5 },
  again: { subject: "second run, nothing changed", near: 1, far: 0.4 },
  change: { subject: "one mapping changed, in the file", near: 1, far: 0.4 },
  changeByFlags: { subject: "one mapping changed, with flags in eksctl", near: undefined, far: undefined },
  get: { subject: "get", near: 1.5, far: 1.5 },
} as const;

/** Every reading that the benchmark makes, with the bound that it has to keep, in the order of the table. */
export const bounds: Readonly<Record<string, Bound>> = {
  ...besideEksctlAt("near", "API server near"),
  ...besideEksctlAt("far", "API server 100 ms away"),
  ...overFloor(10),
  ...overFloor(100),
  ...overFloor(1000),
  ...overOrdinary(10, {}),
  ...overOrdinary(100, { most: 1 }),
  ...overOrdinary(1000, { most: 0.5 }),
  "memory/100": { subject: "peak memory of the provider process, up of 100", against: floor },
  "memory/1000": { subject: "peak memory of the provider process, up of 1,000", against: floor, most: 1.25 },
  "plugin/start": { subject: "start of the resource plugin, to its answer to the handshake", most: 0.15 },
  "plugin/start/node": {
    subject: "start of the resource plugin, to its answer to the handshake",
    against: "node -e 0",
  },
  ...throughPlugin(10),
  ...throughPlugin(100),
  ...throughPlugin(1000),
  "plugin/state": {
    subject: "state of a mapping of the resource plugin",
    against: emptyPlugin,
    most: 1,
    isExact: true,
  },
  "state/floor": { subject: "state of a mapping", against: floor, isExact: true },
  "state/ordinary": { subject: "state of a mapping", against: ordinary, isExact: true },
  "record/line": { subject: "line of the record of claims, stack of 10", isExact: true },
  "reads/preview": { subject: "API reads, preview of 200", most: 1, isExact: true },
  "writes/preview": { subject: "API writes, preview of 200", most: 0, isExact: true },
  "reads/up": { subject: "API reads, up of 200", most: 1, isExact: true },
  "writes/up": { subject: "API writes, up of 200", most: 200, isExact: true },
  "writes/slow": { subject: "API writes, up of 200, API server 100 ms away", most: 200 / 3 },
  "slow/up": {
    subject: "up of 200, API server 100 ms away",
    against: "a provider that waits 100 ms in each create",
    most: 1.45,
  },
  "slow/parallel": {
    subject: "the same with --parallel 32",
    against: "a provider that waits 100 ms in each create",
    most: 1.3,
  },
  "refused/writes": {
    subject: "API writes, up of 200, 10 of them refused by an admission policy, API server 100 ms away, --parallel 32",
    against: "none of them refused",
    most: 1,
    // For each of the ten one write, and as many as its group, of up to 32, can be halved.
    slack: 10 * (1 + Math.log2(32)),
  },
  "refused/up": { subject: "the same, time", against: "none of them refused" },
  ...ownTime("check", "a check"),
  ...ownTime("diff", "a diff"),
  ...ownTime("read", "a read"),
  ...ownTime("create", "a create, written alone"),
  ...ownTime("update", "an update, written alone"),
  ...ownTime("delete", "a delete, written alone"),
  ...ownTime("group", "a create, written with 99 others"),
  ...removalsBeside(100),
  ...removalsBeside(5000),
  ...accessSummaryOf(100),
  ...accessSummaryOf(1000),
  "parses/1000": { subject: "parses of a whole map in a run of 1,000", least: 1, most: 1, isExact: true },
  "start/plugin": { subject: "process start to the plugin's being ready, all of it Pulumi's and Node's" },
  ...startOf("manifest", ["aws", "kubernetes"]),
  ...startOf("kubeconfig", ["aws", "kubernetes"]),
  ...startOf("eks", ["kubernetes"]),
  "import/sdk": { subject: "importing the SDK and @pulumi/pulumi", against: "@pulumi/pulumi alone", most: 1.1 },
  "cli/help": { subject: "--help of the command line", against: "node -e 0", most: 1.5 },
  ...fleetOf(200),
  ...fleetOf(1000),
  "fleet/describes": { subject: "DescribeCluster calls for 50 clusters", most: 50, isExact: true },
  "fleet/reads": { subject: "API reads for 50 clusters", most: 50, isExact: true },
  "fleet/lookups": { subject: "DescribeCluster calls under way at once", least: 2, most: 16, isExact: true },
  "fleet/connections": { subject: "connections to 50 API servers", most: 50 },
  "review/time": { subject: "review of a map of 1,000 with 2,000 bindings", most: 2 },
  "review/memory": { subject: "peak memory of that review", most: 300 },
  "review/fleet": {
    subject: "review of 50 clusters, EKS and API servers 50 ms away",
    against: "as many waves of 8 clusters as it takes",
    most: 1.3,
  },
  "conflicts/up": {
    subject: "up of 200 beside a foreign writer",
    against: "without one",
    most: 1.5,
  },
  "conflicts/writer": { subject: "foreign writes a second", least: 18 },
  "conflicts/attempts": { subject: "attempts per stored write beside a foreign writer" },
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
    Object.entries(besideEksctl).map(([step, { subject, [distance]: most }]): [string, Bound] => [
      `eksctl/${distance}/${step}`,
      {
        subject: `${subject}, 200 mappings, ${where}`,
        against: eksctlName,
        ...(most && { most }),
      },
    ]),
  );
}

function overFloor(count: number): Record<string, Bound> {
  return rows(count, "floor", () => ({ against: floor, most: 1.1, slack: 0.35 }));
}

/** Operations of a YAML program, and the memory that they take. */
function throughPlugin(count: number): Record<string, Bound> {
  const stack = count.toLocaleString("en-US");
  const names = Object.entries(pluginOperations);
  return Object.fromEntries(
    [
      { base: "floor", against: emptyPlugin, limits: { most: 1.1, slack: 0.35 } },
      { base: "unrefreshed", against: unrefreshedPlugin, limits: {} },
      { base: "dynamic", against: dynamicResource, limits: {} },
    ].flatMap(({ base, against, limits }) => [
      ...names.map(([operation, name]): [string, Bound] => [
        `plugin/${operation}/${count}/${base}`,
        { subject: `${name} of ${stack} in YAML`, against, ...limits },
      ]),
      [
        `plugin/memory/${count}/${base}`,
        { subject: `peak memory of the resource plugin, up of ${stack} in YAML`, against },
      ],
    ]),
  );
}

function overOrdinary(count: number, limit: Pick<Bound, "most">): Record<string, Bound> {
  return rows(count, "ordinary", (operation) => ({
    against: ordinary,
    ...(operation === "up" || operation === "destroy" ? limit : {}),
  }));
}

function rows(
  count: number,
  base: string,
  bound: (operation: string) => Omit<Bound, "subject">,
): Record<string, Bound> {
  return Object.fromEntries(
    Object.entries(operations).map(([operation, name]) => [
      `${operation}/${count}/${base}`,
      { subject: `${name} of ${count.toLocaleString("en-US")}`, ...bound(operation) },
    ]),
  );
}

/** @param unused groups of packages that this kind of cluster has no use for, which must not be loaded. */
function startOf(kind: string, unused: readonly string[]): Record<string, Bound> {
  const loaded = Object.entries(packageGroups).filter(([group]) => group !== "pulumi");
  return {
    [`start/${kind}`]: { subject: `process start to first check response, ${kind}`, against: floor },
    ...Object.fromEntries(
      loaded.flatMap(([group, name]): [string, Bound][] => [
        [
          `modules/${kind}/${group}`,
          { subject: `modules of ${name} loaded, ${kind}`, isExact: true, ...(unused.includes(group) && { most: 0 }) },
        ],
        [`load/${kind}/${group}`, { subject: `loading of ${name}, ${kind}` }],
      ]),
    ),
  };
}

function fleetOf(count: number): Record<string, Bound> {
  const mappings = count.toLocaleString("en-US");
  return {
    [`fleet/up/${count}`]: {
      subject: `up of ${mappings} on 50 clusters, EKS and API servers 50 ms away`,
      against: `up of ${mappings} on one cluster`,
      most: 1.3,
    },
  };
}

/** The access summary of a preview: at most 0.3 s. */
function accessSummaryOf(count: number): Record<string, Bound> {
  return {
    [`accessSummary/${count}`]: {
      subject: `preview of ${count.toLocaleString("en-US")} with one change`,
      against: "without the access summary",
      most: 1,
      slack: 0.3,
    },
  };
}

/** The check of removals in a preview: at most 5 %, or 0.3 s. */
function removalsBeside(count: number): Record<string, Bound> {
  return {
    [`removals/${count}`]: {
      subject: `preview beside ${count.toLocaleString("en-US")} other resources of 10 KB`,
      against: "without the check of removals",
      most: 1.05,
      slack: 0.3,
    },
  };
}

/** Linear growth is seven times as much for seven times the entries. Of a hundred operations of 0.01 ms a profile has ten samples. */
function ownTime(operation: string, name: string): Record<string, Bound> {
  return {
    [`own/${operation}/1000`]: {
      subject: `own time of ${name} in a map of 1,000`,
      against: "parsing its JSON and writing it again",
      most: 3,
    },
    [`own/${operation}/7000`]: {
      subject: `own time of ${name} in a map of 7,000`,
      against: "in a map of 1,000",
      most: 7,
      resolution: 0.01,
    },
  };
}
