import type { Scalar } from "yaml";
import { doubleQuoted } from "../../awsAuthMap/scalar";
import { withoutFinalBlanks } from "./gaps";

export type LineBreak = "\n" | "\r\n";

/** The line break that ends the line of an offset; in a last line without one, that of the line before. */
export function lineBreakAt(text: string, offset: number): LineBreak {
  const next = text.indexOf("\n", offset);
  const at = next === -1 ? text.lastIndexOf("\n") : next;
  return text[at - 1] === "\r" ? "\r\n" : "\n";
}

/** A string as YAML, in two parts, since a comment may be between them. */
export interface WrittenText {
  /** For example `|`, `|-` or `|2+`, or the whole string in quotes. */
  readonly header: string;
  /** The lines below it, indented, each with an `eol`; empty for a quoted string. */
  readonly body: string;
}

/**
 * Writes a string as the value of a key: in the style of the value that it replaces, if that can represent it, else as a block literal or,
 * if that cannot, in double quotes.
 *
 * @param column of the key
 * @param step the indentation of the lines of a block, relative to the key
 * @param eol the line break of these lines; readers get `\n` in any case
 */
export function writeText(text: string, column: number, step: number, eol: LineBreak, replaced?: Scalar): WrittenText {
  const style = replaced?.value === "" ? undefined : replaced?.type;
  const quoted =
    style === "QUOTE_DOUBLE" ? doubleQuoted(text) : style === "QUOTE_SINGLE" ? singleQuoted(text) : undefined;
  if (quoted !== undefined) {
    return { header: quoted, body: "" };
  }
  const folded = style === "BLOCK_FOLDED" ? unfolded(text) : undefined;
  return (
    (folded === undefined ? undefined : blockScalar(">", folded, column, step, eol)) ??
    blockScalar("|", text, column, step, eol) ?? { header: doubleQuoted(text), body: "" }
  );
}

/** A string in single quotes on one line; undefined if they cannot represent it. */
export function singleQuoted(text: string): string | undefined {
  return text === "" || /[\n\t]/.test(text) || notInBlocks.test(text) ? undefined : `'${text.replaceAll("'", "''")}'`;
}

/**
 * Writes a string as a block, the form that people use for the keys of aws-auth.
 *
 * @param text the string, or for `>` what is folded into it
 * @returns undefined if no block can represent the string
 */
function blockScalar(
  indicator: "|" | ">",
  text: string,
  column: number,
  step: number,
  eol: LineBreak,
): WrittenText | undefined {
  const content = withoutFinalBlanks(text, "\n");
  // Readers disagree about a last line of only whitespace, so a block cannot represent it.
  if (content === "" || /^[ \t]+$/.test(content.slice(content.lastIndexOf("\n") + 1)) || notInBlocks.test(text)) {
    return undefined;
  }
  // Readers detect the indentation from the first non-empty line, so it must be explicit if that line begins with a space.
  const explicit = /^\n*[ \t]/.test(content);
  if (explicit && step > 9) {
    return undefined;
  }
  const trailing = text.length - content.length;
  const lines = [...content.split("\n"), ...Array<string>(Math.max(0, trailing - 1)).fill("")];
  const chomping = trailing === 0 ? "-" : trailing === 1 ? "" : "+";
  return {
    header: `${indicator}${explicit ? step : ""}${chomping}`,
    body: lines.map((line) => (line === "" ? eol : `${" ".repeat(column + step)}${line}${eol}`)).join(""),
  };
}

/** What a reader folds into a string: a line break between two lines without leading spaces is doubled; undefined if readers differ. */
function unfolded(text: string): string | undefined {
  // Readers disagree about leading spaces, and about lines of only whitespace.
  return /^\s/.test(text) || /^[ \t]+$/m.test(text)
    ? undefined
    : text.replace(/(?<=^[^ \t\n][^\n]*)\n(?=\n*[^ \t\n])/gm, "\n\n");
}

/**
 * Characters that a reader would change or refuse: control characters, line breaks other than \n (including those of YAML 1.1),
 * lone surrogates.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const notInBlocks = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\p{Surrogate}]/u;
