/** How long a change stays unseen: for some time, and for some looks at it; both have to be over. */
export interface Lag {
  /** Default 0. */
  readonly milliseconds?: number;
  /** Default 0. */
  readonly reads?: number;
}

/** Who looks: the calls of the API, or the cluster's authenticator. */
export type Reader = "calls" | "authenticator";

interface Version<T> {
  readonly value: T;
  /** When and after how many more looks each reader sees it. */
  readonly from: Record<Reader, { readonly time: number; reads: number }>;
}

/** A value whose changes are seen late, by each reader after a lag of its own. */
export class Lagged<T> {
  readonly #initial: T;
  readonly #changes: Version<T>[] = [];

  /** @param initial is seen at once */
  constructor(initial: T) {
    this.#initial = initial;
  }

  /** The value without any lag. */
  get latest(): T {
    const last = this.#changes.at(-1);
    return last === undefined ? this.#initial : last.value;
  }

  /** @param now in milliseconds */
  write(value: T, now: number, lags: Readonly<Record<Reader, Lag>>): void {
    const from = ({ milliseconds = 0, reads = 0 }: Lag) => ({ time: now + milliseconds, reads });
    this.#changes.push({ value, from: { calls: from(lags.calls), authenticator: from(lags.authenticator) } });
  }

  /** What a reader sees. Counts as one look at every change that it does not see yet. */
  read(reader: Reader, now: number): T {
    for (const { value, from } of this.#changes.toReversed()) {
      if (now >= from[reader].time && from[reader].reads <= 0) {
        return value;
      }
      from[reader].reads -= 1;
    }
    return this.#initial;
  }
}
