/** A text as a YAML block literal, in two parts, since a comment may stand between them. */
export interface BlockLiteral {
  /** For example `|`, `|-` or `|2+`. */
  readonly header: string;
  /** The lines below it, indented, each ended by `eol`. */
  readonly body: string;
}

/**
 * Writes a text as a block literal, the form that people use for the keys of aws-auth.
 *
 * @param text what a YAML reader is to get
 * @param indent columns in front of each line; more than `parentIndent`
 * @param parentIndent column of the keys of the mapping that the literal stands in
 * @param eol the file's line ending; readers get `\n` for either
 * @returns undefined for a text that no block literal can hold
 */
export function blockLiteral(
  text: string,
  indent: number,
  parentIndent: number,
  eol: "\n" | "\r\n",
): BlockLiteral | undefined {
  const content = withoutFinalBreaks(text);
  // Readers differ on a last line of blanks alone, so that counts among what a block cannot hold.
  if (content === "" || /^[ \t]+$/.test(content.slice(content.lastIndexOf("\n") + 1)) || notInBlocks.test(text)) {
    return undefined;
  }
  const trailing = text.length - content.length;
  const lines = [...content.split("\n"), ...Array<string>(Math.max(0, trailing - 1)).fill("")];
  // Readers take the indentation from the first line that is not empty, so one that begins with a space has to be told.
  const explicit = /^\n*[ \t]/.test(content);
  const step = indent - parentIndent;
  if (explicit && step > 9) {
    return undefined;
  }
  const chomping = trailing === 0 ? "-" : trailing === 1 ? "" : "+";
  return {
    header: `|${explicit ? step : ""}${chomping}`,
    body: lines.map((line) => (line === "" ? eol : `${" ".repeat(indent)}${line}${eol}`)).join(""),
  };
}

/** By hand, since a pattern tries every line break of the text for the last one. */
function withoutFinalBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end--;
  return text.slice(0, end);
}

/** A text as a double-quoted YAML scalar on one line: it can hold anything. */
export function doubleQuoted(text: string): string {
  // YAML's double quotes take all of JSON's escapes. What YAML 1.1 readers, kubectl among them, fold as a line break is escaped.
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What a reader would change or refuse: control characters, line breaks other than \n (also those of YAML 1.1), half characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const notInBlocks = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\p{Surrogate}]/u;
