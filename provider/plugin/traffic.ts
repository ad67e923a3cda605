/** What keeps a preview from telling of its changes. */
export interface Traffic {
  /** How much of it has begun. */
  count: number;
  /** How much of it has not ended yet, except for the changes that wait to be told. */
  underWay: number;
  /** The URNs of the resources whose change the engine asks for next: it has checked them, and nothing has shown that they stay. */
  readonly expected: Set<string>;
}

/** Counts something that a preview waits for before it tells of changes. */
export async function counted<T>(traffic: Traffic, act: () => Promise<T>): Promise<T> {
  traffic.count += 1;
  traffic.underWay += 1;
  try {
    return await act();
  } finally {
    traffic.underWay -= 1;
  }
}
