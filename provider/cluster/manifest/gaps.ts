/** The offset of the start of a line, given an offset in it. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** The offset after the line break that ends the line of the character before an offset; the end of the text if there is none. */
export function lineEnd(text: string, offset: number): number {
  if (text[offset - 1] === "\n") {
    return offset;
  }
  const index = text.indexOf("\n", offset);
  return index === -1 ? text.length : index + 1;
}

/**
 * A gap is the text between the items in brackets or braces: whitespace, at most one comma, and comments. A `#` in it always begins
 * a comment. These functions apply to the gaps of lists and maps alike.
 */

export function hasComment(gap: string): boolean {
  return gap.includes("#");
}

/** A gap in the same style for another item: without comments, and without lines that contained only a comment. */
function withoutComments(gap: string): string {
  return hasComment(gap)
    ? gap.replace(/(?<![ \t])[ \t]*#[^\n\r]*/g, "").replace(/(?:\r?\n[ \t]*)+(?=\r?\n)/g, "")
    : gap;
}

/** The text without the spaces and tabs at its end. Not with a regular expression, which would try every space in the text. */
export function withoutFinalBlanks(text: string, blanks = " \t"): string {
  let end = text.length;
  while (end > 0 && blanks.includes(text.charAt(end - 1))) {
    end--;
  }
  return text.slice(0, end);
}

/** Joins two gaps after the item between them is removed, keeping their comments. */
export function joinedGap(before: string, behind: string): string {
  if (!hasComment(behind)) {
    return before;
  }
  const rest = withoutComma(behind);
  return before + (/\s$/.test(before) ? rest.trimStart() : rest);
}

/** The same for the last item. Keeps the trailing comma, or its absence. */
export function joinedClosing(before: string, behind: string): string {
  const kept = hasComma(behind) ? before : withoutComma(before);
  if (hasComment(behind)) {
    return joinedGap(kept, behind);
  }
  if (!hasComment(before)) {
    return behind;
  }
  const rest = withoutComma(behind);
  return (rest.includes("\n") ? kept.replace(/\r?\n[ \t]*$/, "") : withoutFinalBlanks(kept)) + rest;
}

function hasComma(gap: string): boolean {
  return withoutComments(gap).includes(",");
}

export function withoutComma(gap: string): string {
  return gap.replace(/#[^\n]*|,/g, (found) => (found === "," ? "" : found));
}
