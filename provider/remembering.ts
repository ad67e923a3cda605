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

/**
 * Keeps the last few results of a function of an immutable object. Not in a WeakMap: what is in one survives the minor
 * garbage collections, even of objects that nothing else refers to.
 *
 * @param most how many results to keep.
 */
export function rememberingLast<Version extends object, Result>(
  most: number,
  compute: (version: Version) => Result,
): (version: Version) => Result {
  const last: { readonly version: Version; readonly result: Result }[] = [];
  return (version) => {
    const known = last.find((one) => one.version === version);
    if (known !== undefined) {
      return known.result;
    }
    const result = compute(version);
    last.push({ version, result });
    if (last.length > most) {
      last.shift();
    }
    return result;
  };
}
