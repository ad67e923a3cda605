/** A replacement of a part of a text. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies splices, none of which overlap, to a text. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = text;
  // From the last to the first, so that offsets hold; of two at one place the first given comes first.
  for (const { start, end, text: inserted } of splices
    .toReversed()
    .sort((a, b) => b.start - a.start || b.end - a.end)) {
    result = result.slice(0, start) + inserted + result.slice(end);
  }
  return result;
}
