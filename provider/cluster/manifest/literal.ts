import type { Scalar } from "yaml";
import { doubleQuoted } from "../../yamlv2/scalar";

/** A line break of a file. */
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

/** Writes a string as a block literal or, if that cannot represent it, in double quotes. */
export function writeText(text: string, indent: number, parentIndent: number, eol: LineBreak): WrittenText {
  return blockLiteral(text, indent, parentIndent, eol) ?? { header: doubleQuoted(text), body: "" };
}

/**
 * Writes a string in the style of the value that it replaces, if that style can represent it; otherwise as {@link writeText} does.
 */
export function writeLike(
  replaced: Scalar | undefined,
  text: string,
  indent: number,
  parentIndent: number,
  eol: LineBreak,
): WrittenText {
  const type = replaced?.value === "" ? undefined : replaced?.type;
  const folded = type === "BLOCK_FOLDED" ? foldedBlock(text, indent, parentIndent, eol) : undefined;
  const quoted =
    type === "QUOTE_DOUBLE" ? doubleQuoted(text) : type === "QUOTE_SINGLE" ? singleQuoted(text) : undefined;
  return folded ?? (quoted ? { header: quoted, body: "" } : writeText(text, indent, parentIndent, eol));
}

/** A string in single quotes on one line; undefined if they cannot represent it. */
export function singleQuoted(text: string): string | undefined {
  return text === "" || /[\n\t]/.test(text) || notInBlocks.test(text) ? undefined : `'${text.replaceAll("'", "''")}'`;
}

/**
 * Writes a string as a block literal, the form that people use for the keys of aws-auth.
 *
 * @param text the string that a YAML reader gets
 * @param indent indentation of each line; greater than `parentIndent`
 * @param parentIndent column of the keys of the surrounding mapping
 * @param eol the line break of its lines; readers get `\n` in any case
 * @returns undefined if no block literal can represent the string
 */
function blockLiteral(text: string, indent: number, parentIndent: number, eol: LineBreak): WrittenText | undefined {
  const content = withoutFinalBreaks(text);
  // Readers disagree about a last line of only whitespace, so a block cannot represent it.
  if (content === "" || /^[ \t]+$/.test(content.slice(content.lastIndexOf("\n") + 1)) || notInBlocks.test(text)) {
    return undefined;
  }
  const trailing = text.length - content.length;
  const lines = [...content.split("\n"), ...Array<string>(Math.max(0, trailing - 1)).fill("")];
  // Readers detect the indentation from the first non-empty line, so it must be explicit if that line begins with a space.
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

/**
 * Writes a string as a folded block, `>`, under the same conditions.
 *
 * @returns undefined if not every reader would get the string from a folded block.
 */
function foldedBlock(text: string, indent: number, parentIndent: number, eol: LineBreak): WrittenText | undefined {
  // Readers disagree about leading spaces, and about lines of only whitespace.
  if (/^\s/.test(text) || /^[ \t]+$/m.test(text)) {
    return undefined;
  }
  // Folding turns a line break between two lines without leading spaces into a space, so such breaks are doubled.
  const unfolded = text.replace(/(?<=^[^ \t\n][^\n]*)\n(?=\n*[^ \t\n])/gm, "\n\n");
  const block = blockLiteral(unfolded, indent, parentIndent, eol);
  return block && { ...block, header: block.header.replace("|", ">") };
}

/** Not with a regular expression, which would try every line break in the text. */
function withoutFinalBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") {
    end--;
  }
  return text.slice(0, end);
}

/**
 * Characters that a reader would change or refuse: control characters, line breaks other than \n (including those of YAML 1.1),
 * lone surrogates.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const notInBlocks = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\p{Surrogate}]/u;
