/**
 * How many clusters are looked up concurrently. Each takes a read and an EKS call, whose rate limit is shared by the whole account.
 */
export const clustersAtOnce = 8;

/** Runs a function for every item with limited concurrency, and returns the results in the order of the items. */
export async function mapConcurrent<Item, Result>(
  items: readonly Item[],
  limit: number,
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>();
  const waiting = items.entries();
  const takeNext = async () => {
    for (const [index, item] of waiting) {
      results.set(index, await act(item));
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, takeNext));
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

/** Runs functions with limited concurrency, in the order in which they come. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param limit how many run at once. */
  constructor(limit: number) {
    this.#free = limit;
  }

  /** Runs a function as soon as there is a slot. */
  async run<T>(act: () => Promise<T>): Promise<T> {
    if (this.#free === 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#free--;
    }
    try {
      return await act();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#free++;
      } else {
        next();
      }
    }
  }
}
