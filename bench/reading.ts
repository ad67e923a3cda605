/** What a figure counts. */
export type Unit = "s" | "ms" | "MiB" | "bytes" | "";

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
