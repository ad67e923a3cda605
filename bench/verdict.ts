/** What a figure counts; a number without a unit is counted rather than timed. */
export type Unit = "s" | "MiB" | "";

/** The figures of one measured quantity, in the order of measurement. */
export interface Reading {
  /** Name of the quantity; the key in the table of bounds. */
  readonly id: string;
  readonly unit: Unit;
  /** Ours. */
  readonly ours: readonly number[];
  /** The figures of what ours is compared with; those at the same index were measured together. */
  readonly base?: readonly number[];
}

/** What a reading measures, and the bound that it has to keep. */
export interface Bound {
  /** What is measured, as a row of the table names it. */
  readonly subject: string;
  /** What it is compared with, if anything. */
  readonly against?: string;
  /** The most that is allowed: of a comparison as a multiple of its base, else in the reading's own unit. None: only reported. */
  readonly most?: number;
}

/**
 * The result of comparing a reading with its bound.
 *
 * - `met`: the median is within the bound
 * - `noise`: the median exceeds it, but some figures do not, or there is only one
 * - `missed`: all of several figures exceed it, or one that is counted and so is the same in every run
 * - `reported`: there is no bound
 */
export type Verdict = "met" | "noise" | "missed" | "reported";

/** Statistics of a series of figures. */
export interface Summary {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** Judges a reading by the most that is allowed. */
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

/** The ratios to the base, pair by pair, or the figures themselves if there is no base. */
export function figuresOf({ ours, base }: Reading): readonly number[] {
  return base === undefined ? ours : ours.map((figure, index) => figure / (base[index] ?? Number.NaN));
}

/** Minimum, median and maximum; of an even count the median is the mean of the middle two. */
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
