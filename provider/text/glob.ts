/** Whether a text matches a pattern: `*` is any text, `single` any character. Only the last `*` is tried again, which limits the time. */
export function matchesGlob(pattern: string, text: string, single?: "?"): boolean {
  let [position, star, resumed] = [0, -1, 0];
  for (let index = 0; index < text.length; position++, index++) {
    const expected = pattern[position];
    if (expected === "*") {
      [star, resumed] = [position, index--];
    } else if (expected === undefined || (expected !== text[index] && expected !== single)) {
      if (star < 0) {
        return false;
      }
      [position, index] = [star, resumed++];
    }
  }
  return /^\**$/.test(pattern.slice(position));
}
