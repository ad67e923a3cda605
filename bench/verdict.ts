/** The unit of a figure; empty for a count. */
export type Unit = "s" | "MiB" | "";

/** The figures of one measured quantity, in the order of measurement. */
export interface Reading {
  /** The quantity's key in the table of bounds. */
  readonly id: string;
  readonly unit: Unit;
  /** The figures of this package. */
  readonly ours: readonly number[];
  /** The figures for comparison; those at the same index were measured together. */
  readonly base?: readonly number[];
}

/** The subject of a reading and its bound. */
export interface Bound {
  /** The measured quantity, as shown in the table. */
  readonly subject: string;
  /** The name of the comparison, if any. */
  readonly against?: string;
  /** The maximum: a ratio to the base if there is one, otherwise in the reading's unit. If undefined, the reading is only reported. */
  readonly most?: number;
}

/**
 * The result of comparing a reading with its bound.
 *
 * - `met`: the median is within the bound, or a count is
 * - `noise`: the median exceeds it, but some figures do not, or there is only one figure
 * - `missed`: all of several figures exceed it, or a count does, which is the same in every run
 * - `reported`: there is no bound
 */
export type Verdict = "met" | "noise" | "missed" | "reported";

/** Statistics of a series of figures. */
export interface Summary {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** Compares a reading with the allowed maximum. */
export function judge(reading: Reading, allowed: Bound["most"]): Verdict {
  if (allowed === undefined) {
    return "reported";
  }
  const { least, median, most } = summarize(figuresOf(reading));
  if (reading.unit === "" && reading.base === undefined) {
    return most <= allowed ? "met" : "missed";
  }
  return median <= allowed ? "met" : least <= allowed || reading.ours.length === 1 ? "noise" : "missed";
}

/** The ratio of each pair of figures, or the figures themselves if there is no base. */
export function figuresOf({ ours, base }: Reading): readonly number[] {
  return base === undefined ? ours : ours.map((figure, index) => figure / (base[index] ?? Number.NaN));
}

/** Minimum, median and maximum; for an even count, the median is the mean of the middle two figures. */
export function summarize(figures: readonly number[]): Summary {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    least: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    most: at(sorted.length - 1),
  };
}
