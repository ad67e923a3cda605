/** What the engine asks for, and what is read meanwhile. */
export interface Traffic {
  /** Grows with all that begins or ends. */
  count: number;
  /** How much of it has not ended yet, except for the changes that wait to be told. */
  underWay: number;
}

/** Counts what a preview waits for before it tells of changes. */
export async function counted<T>(traffic: Traffic, act: () => Promise<T>): Promise<T> {
  traffic.count += 1;
  traffic.underWay += 1;
  try {
    return await act();
  } finally {
    traffic.count += 1;
    traffic.underWay -= 1;
  }
}
