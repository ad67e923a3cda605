/** Does something for every item, so many at a time, and gives the results in the items' order. */
export async function sideBySide<Item, Result>(
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
