import type { Bound } from "./bounds.ts";
import type { Reading } from "./reading.ts";
import { type Summary, summarize } from "./statistics.ts";

/**
 * The result of comparing a reading with its bound.
 *
 * - `met`: the median is within the bound
 * - `noise`: the median exceeds it, and the figures disagree or there is only one, so the result is inconclusive
 * - `missed`: all of several figures exceed it. If the true value were exactly at the bound, 5 figures would all exceed it once in
 *   32 times
 * - `reported`: there is no bound
 */
export type Verdict = "met" | "noise" | "missed" | "reported";

/** The ratios to the base, pair by pair, or the figures themselves if there is no base. */
export function figuresOf({ ours, base }: Reading, { resolution = 0 }: Bound): readonly number[] {
  const told = (figure: number | undefined) => Math.max(figure ?? Number.NaN, resolution);
  return base === undefined ? ours : ours.map((figure, index) => told(figure) / told(base[index]));
}

/** Judges a reading. A counted figure has no noise, so exceeding the bound is a miss. */
export function judge(reading: Reading, bound: Bound): Verdict {
  if (bound.most === undefined && bound.least === undefined) {
    return "reported";
  }
  const shares = summarize(reading.ours.map((figure, index) => shareOfBound(figure, reading.base?.[index], bound)));
  return verdictOf(shares, bound.isExact === true);
}

function verdictOf({ least, median, most, count }: Summary, isExact: boolean): Verdict {
  if (isExact) {
    return most <= 1 ? "met" : "missed";
  }
  return median <= 1 ? "met" : least <= 1 || count === 1 ? "noise" : "missed";
}

/** The fraction of the bound that a figure uses: 1 means all of it. */
function shareOfBound(figure: number, base: number | undefined, bound: Bound): number {
  const { most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY, slack = 0, resolution = 0 } = bound;
  if (figure < least) {
    return Number.POSITIVE_INFINITY;
  }
  const told = Math.max(base ?? 0, resolution);
  const allowed = base === undefined ? most : Math.max(most * told, told + slack);
  return figure <= allowed ? Math.min(1, figure / allowed || 0) : Math.max(figure / allowed, 1 + Number.EPSILON);
}
