/** Statistics of a series of figures. */
export interface Summary {
  readonly least: number;
  readonly median: number;
  readonly most: number;
  /** How many figures there are. */
  readonly count: number;
}

/** Minimum, median, maximum and count; of an even count the median is the mean of the middle two. */
export function summarize(figures: readonly number[]): Summary {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    least: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    most: at(sorted.length - 1),
    count: sorted.length,
  };
}
