/** The text without the blanks and tabs at its end. By hand, since a pattern tries every blank of a text for the last one. */
export function withoutFinalBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === " " || text[end - 1] === "\t") end--;
  return text.slice(0, end);
}
