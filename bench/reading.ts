/** What a figure counts. */
export type Unit = "s" | "ms" | "MiB" | "bytes" | "";

/** The figures of one thing measured, in the order in which they came. */
export interface Reading {
  /** Names the thing; the key of the table of bounds. */
  readonly id: string;
  readonly unit: Unit;
  /** Ours. */
  readonly ours: readonly number[];
  /** What ours is compared with, measured beside it: the figure at one index belongs to the one of ours at that index. */
  readonly base?: readonly number[];
}
