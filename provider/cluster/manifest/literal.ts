import type { Scalar } from "yaml";
import { doubleQuoted } from "../../yamlv2/scalar";

/** A string as YAML, in two parts, since a comment may stand between them. */
export interface WrittenText {
  /** For example `|`, `|-` or `|2+`, or all of a string in quotes. */
  readonly header: string;
  /** The lines below it, indented, each ended by `eol`; none below quotes. */
  readonly body: string;
}

/** Writes a string as a block literal or, where that cannot hold it, in double quotes. */
export function writeText(text: string, indent: number, parentIndent: number, eol: "\n" | "\r\n"): WrittenText {
  return blockLiteral(text, indent, parentIndent, eol) ?? { header: doubleQuoted(text), body: "" };
}

/**
 * Writes a string in the style of the value that it replaces, where that has one and can hold it, and as {@link writeText} does
 * elsewhere.
 */
export function writeLike(
  replaced: Scalar | undefined,
  text: string,
  indent: number,
  parentIndent: number,
  eol: "\n" | "\r\n",
): WrittenText {
  const type = replaced?.value === "" ? undefined : replaced?.type;
  const folded = type === "BLOCK_FOLDED" ? foldedBlock(text, indent, parentIndent, eol) : undefined;
  const quoted =
    type === "QUOTE_DOUBLE" ? doubleQuoted(text) : type === "QUOTE_SINGLE" ? singleQuoted(text) : undefined;
  return folded ?? (quoted ? { header: quoted, body: "" } : writeText(text, indent, parentIndent, eol));
}

/** A string in single quotes on one line; undefined for one that they cannot hold. */
export function singleQuoted(text: string): string | undefined {
  return text === "" || /[\n\t]/.test(text) || notInBlocks.test(text) ? undefined : `'${text.replaceAll("'", "''")}'`;
}

/**
 * Writes a string as a block literal, the form that people use for the keys of aws-auth.
 *
 * @param text what a YAML reader is to get
 * @param indent columns in front of each line; more than `parentIndent`
 * @param parentIndent column of the keys of the mapping that the literal stands in
 * @param eol the file's line ending; readers get `\n` for either
 * @returns undefined for a string that no block literal can hold
 */
function blockLiteral(text: string, indent: number, parentIndent: number, eol: "\n" | "\r\n"): WrittenText | undefined {
  const content = withoutFinalBreaks(text);
  // Readers differ on a last line that is only whitespace, so a block cannot hold it.
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

/**
 * Writes a string as a folded block, `>`, under the same conditions.
 *
 * @returns undefined for a string that a folded block cannot hold for every reader.
 */
function foldedBlock(text: string, indent: number, parentIndent: number, eol: "\n" | "\r\n"): WrittenText | undefined {
  // Readers differ on leading spaces, and on lines that are only whitespace.
  if (/^\s/.test(text) || /^[ \t]+$/m.test(text)) {
    return undefined;
  }
  // Between two lines that begin without a space, a break counts only where an empty line follows it.
  const unfolded = text.replace(/(?<=^[^ \t\n][^\n]*)\n(?=\n*[^ \t\n])/gm, "\n\n");
  const block = blockLiteral(unfolded, indent, parentIndent, eol);
  return block && { ...block, header: block.header.replace("|", ">") };
}

/** By hand, since a pattern tries every line break of the text for the last one. */
function withoutFinalBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") {
    end--;
  }
  return text.slice(0, end);
}

/** What a reader would change or refuse: control characters, line breaks other than \n (also those of YAML 1.1), half characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const notInBlocks = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\p{Surrogate}]/u;
