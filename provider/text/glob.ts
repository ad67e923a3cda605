/**
 * Whether a text matches a pattern in which `*` stands for any characters. Only the last `*` is tried again, so that
 * a pattern of others takes no exponential time.
 *
 * @param single the character that stands for any one character, if the pattern has one.
 */
export function matchesGlob(pattern: string, text: string, single?: "?"): boolean {
  let [position, afterStar, next] = [0, 0, 0];
  for (let index = 0; index < text.length; ) {
    const expected = pattern[position];
    if (expected === "*") {
      position++;
      [afterStar, next] = [position, index];
    } else if (expected !== undefined && (expected === text[index] || expected === single)) {
      position++;
      index++;
    } else if (afterStar > 0) {
      next++;
      [position, index] = [afterStar, next];
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(position));
}
