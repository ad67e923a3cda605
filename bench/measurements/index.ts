import type { Bench } from "../support/bench.ts";
import { accessSummary } from "./accessSummary.ts";
import { calls } from "./calls.ts";
import { commandLine } from "./commandLine.ts";
import { conflicts } from "./conflicts.ts";
import { eksctl } from "./eksctl.ts";
import { fleet } from "./fleet.ts";
import { lifecycle } from "./lifecycle.ts";
import { ownTime } from "./ownTime.ts";
import { plugin } from "./plugin.ts";
import { refused } from "./refused.ts";
import { removals } from "./removals.ts";
import { review } from "./review.ts";
import { start } from "./start.ts";

/** The measurements, in the order in which they run: short ones first. */
export const measurements = {
  commandLine,
  start,
  ownTime,
  calls,
  refused,
  removals,
  accessSummary,
  conflicts,
  review,
  eksctl,
  fleet,
  plugin,
  lifecycle,
} as const satisfies Record<string, (bench: Bench) => Promise<void>>;

/** Name of a measurement. */
export type MeasurementName = keyof typeof measurements;

/** All names. */
export const measurementNames: readonly MeasurementName[] = [
  "commandLine",
  "start",
  "ownTime",
  "calls",
  "refused",
  "removals",
  "accessSummary",
  "conflicts",
  "review",
  "eksctl",
  "fleet",
  "plugin",
  "lifecycle",
];
