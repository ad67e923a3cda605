import { type Bound, bounds } from "../bounds.ts";
import type { Reading, Unit } from "../reading.ts";
import { summarize } from "../statistics.ts";
import { figuresOf, judge, type Verdict } from "../verdict.ts";
import { formatAmount, formatFigure, formatSpread } from "./format.ts";

/** One reading as a row of the table. */
export interface Row {
  readonly subject: string;
  /** Median of ours. */
  readonly ours: string;
  /** Median of the base, and what it is. */
  readonly base: string;
  readonly against: string;
  /** Ratio, or the figure itself, with its spread. */
  readonly spread: string;
  readonly count: number;
  readonly bound: string;
  readonly verdict: Verdict;
}

/** The rows of readings, in the order of the table of bounds. */
export function rowsOf(readings: readonly Reading[]): Row[] {
  return Object.entries(bounds).flatMap(([id, bound]) => {
    const reading = readings.find((made) => made.id === id);
    return reading === undefined ? [] : [rowOf(reading, bound)];
  });
}

/** One reading as a row. */
export function rowOf(reading: Reading, bound: Bound): Row {
  const { ours, base, unit } = reading;
  const median = (figures: readonly number[]) => formatAmount(summarize(figures).median, unit);
  return {
    subject: bound.subject,
    ours: median(ours),
    base: base === undefined ? "" : median(base),
    against: bound.against ?? "",
    spread: formatSpread(summarize(figuresOf(reading, bound)), base === undefined ? unit : ""),
    count: ours.length,
    bound: describeBound(bound, unit, base !== undefined),
    verdict: judge(reading, bound),
  };
}

function describeBound({ most, least, slack }: Bound, unit: Unit, isRatio: boolean): string {
  const limit = most === undefined ? [] : [`≤ ${isRatio ? formatFigure(most) : formatAmount(most, unit)}`];
  const over = slack === undefined ? [] : [`or ${formatAmount(slack, unit)} over`];
  const floor = least === undefined ? [] : [`≥ ${formatAmount(least, unit)}`];
  return [...floor, ...limit, ...over].join(" ");
}
