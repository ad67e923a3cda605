/** The maximum width of a line of a message, in columns. */
export const maxColumns = 100;

/**
 * Wraps a message. A message that fits stays on one line. A longer one gets a line for each clause, and clauses that are too long
 * are broken at the best place. Only spaces outside of quotes become line breaks. Unbreakable text, such as an ARN, may exceed the
 * width. Half of a surrogate pair, as of a text that was cut, becomes U+FFFD, since no protocol carries it.
 *
 * @param text one or several lines, each with clauses separated by semicolons.
 * @param width the maximum width of a line, in columns.
 */
export function layOut(text: string, width = maxColumns): string {
  return text
    .toWellFormed()
    .split("\n")
    .flatMap((line) => layOutLine(line, width))
    .join("\n");
}

/** Wraps a line to `width` columns. Lines after the first begin with `indent`. */
export function wrap(text: string, width: number, indent: string): string {
  const [margin = ""] = /^ */.exec(text) ?? [];
  return fill(margin, text.slice(margin.length).split(" "), indent, width).join("\n");
}

/** Fills lines with as many pieces as fit. Lines after the first begin with `indent`. */
function fill(margin: string, [first = "", ...pieces]: readonly string[], indent: string, width: number): string[] {
  const lines: string[] = [];
  let line = margin + first;
  for (const piece of pieces) {
    if (line.length + 1 + piece.length > width) {
      lines.push(line);
      line = indent + piece;
    } else {
      line += ` ${piece}`;
    }
  }
  return [...lines, line];
}

/**
 * Where a line may be broken, best first: after a semicolon, after other punctuation, between words, and finally in parentheses and
 * before a value.
 */
const ranks = ["clause", "part", "word", "anywhere"] as const;

function layOutLine(line: string, width: number): string[] {
  if (line.length <= width) {
    return [line];
  }
  const margin = /^ */.exec(line)?.[0] ?? "";
  const continued = `${margin}    `;
  return split(line.slice(margin.length), 0).flatMap((clause, index) => {
    const indent = index === 0 ? margin : `${margin}  `;
    const isShort = clause.length <= width - indent.length;
    return fill(indent, isShort ? [clause] : pieces(clause, 1, width - continued.length), continued, width);
  });
}

/** Breaks a text into pieces that each fit on a line, as far as possible. */
function pieces(text: string, rank: number, room: number): string[] {
  return text.length <= room || rank === ranks.length
    ? [text]
    : split(text, rank).flatMap((piece) => pieces(piece, rank + 1, room));
}

/** Splits a text at the spaces of a rank. */
function split(text: string, rank: number): string[] {
  const found: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') {
      at = endOfQuote(text, at);
    } else if ("([{".includes(character)) {
      depth++;
    } else if (")]}".includes(character)) {
      depth = Math.max(0, depth - 1);
    } else if (character === " " && isPlace(text, at, depth, rank)) {
      found.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...found, text.slice(start)];
}

function isPlace(text: string, at: number, depth: number, rank: number): boolean {
  const name = ranks[rank];
  if (name === "anywhere") {
    return true;
  }
  const before = text[at - 1] ?? "";
  if (depth > 0 || name === "clause") {
    return depth === 0 && before === ";";
  }
  // Keeps a value with the word before it: adopt: true, EKS cluster "prod".
  if (/^ (?:"|true\b|false\b)/.test(text.slice(at, at + 7))) {
    return false;
  }
  return name === "word" || ",:;".includes(before);
}

/** The index of the closing quote for the quote at an index; the same index if there is none. */
function endOfQuote(text: string, start: number): number {
  const [quote = ""] = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(start)) ?? [];
  return start + Math.max(0, quote.length - 1);
}
