/**
 * Keeps the results of a function of a text. Forgets all of them when there are too many.
 *
 * @param most how many results to keep.
 */
export function remembering<Result extends string | object>(
  most: number,
  compute: (text: string) => Result,
): (text: string) => Result {
  const results = new Map<string, Result>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) {
      return known;
    }
    const result = compute(text);
    if (results.size >= most) {
      results.clear();
    }
    results.set(text, result);
    return result;
  };
}
