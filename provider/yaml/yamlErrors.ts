import type { ErrorCode, YAMLParseError } from "yaml";
import { describePlaceholder, placeholderIn } from "../text/text";
import { columnOf, lineStart, tooDeep } from "./tokens";

/** A position in a text: line and column, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The message for all errors that a tab causes. */
export const strayTab = "a tab is used for indentation, where only spaces are allowed";

export function positionAt(text: string, offset: number): Position {
  return { line: text.slice(0, offset).split("\n").length, column: columnOf(text, offset) + 1 };
}

/**
 * The offset at which a user should look for an error: an error about a key over several lines is reported on the line after its
 * start.
 */
export function offsetOf({ code, pos: [start] }: YAMLParseError, text: string): number {
  const isKey = code === "BLOCK_AS_IMPLICIT_KEY" || code === "MULTILINE_IMPLICIT_KEY";
  const colon = isKey && !beginsItem(text, start) ? text.slice(start).search(/:(?=\s|$)/) : 0;
  return start + Math.max(colon, 0);
}

/**
 * Explains a parser error and its remedy to the author of the text, since the parser uses the terms of the YAML specification.
 * Quotes nothing from the text except the name of a key.
 */
export function describeYamlError({ code, message, pos: [start] }: YAMLParseError, text: string): string {
  const described = descriptions[code];
  return typeof described === "string" ? described : described(message, text, start);
}

const unfitIndentation = "the indentation does not fit the lines above it";
const nothingBehind = "there is unexpected text after the end of a value; check its indentation and quotes";

type Description = string | ((message: string, text: string, start: number) => string);

const descriptions: Readonly<Record<ErrorCode, Description>> = {
  ALIAS_PROPS: "an alias has a tag or an anchor of its own: remove it",
  BAD_ALIAS: "an anchor or alias has no name, or one that ends in a colon: put the value in quotes",
  BAD_COLLECTION_TYPE: "a tag does not fit its value: remove the tag",
  BAD_DIRECTIVE: "a line that begins with % is not a YAML directive: put it in quotes",
  BAD_DQ_ESCAPE: "a backslash in double quotes does not begin a YAML escape: double it, or use single quotes",
  BAD_INDENT: (message) =>
    message.startsWith("Flow")
      ? "a bracket or brace is not closed, or what is in it is not indented"
      : unfitIndentation,
  BAD_PROP_ORDER: "a tag or an anchor is before its dash or colon: move it after that",
  BAD_SCALAR_START: "a value begins with a character that YAML reserves: put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: (_message, text, start) => {
    if (beginsItem(text, start)) {
      return unfitList(text, start);
    }
    const rest = text.slice(start).split("\n", 1)[0] ?? "";
    return /:(?:\s|$)/.test(rest) ? "a value without quotes contains a colon: put it in quotes" : unfitIndentation;
  },
  BLOCK_IN_FLOW: "a dash is in brackets or braces: write the list with commas, or without brackets",
  DUPLICATE_KEY: "a key is repeated in a map: keep one of them",
  IMPOSSIBLE: "this cannot be read: put the value in quotes",
  KEY_OVER_1024_CHARS: "a key is longer than 1024 characters: put what is before the colon in quotes",
  MISSING_CHAR: (message, text, start) =>
    message.includes("without - indicator") && beginsKey(text, start)
      ? unfitIndentation
      : (missing.find(([part]) => message.includes(part))?.[1] ?? nothingBehind),
  MULTILINE_IMPLICIT_KEY: (_message, text, start) =>
    beginsItem(text, start) ? unfitList(text, start) : `${unfitIndentation}, or a key has no colon`,
  MULTIPLE_ANCHORS: "a value has more than one anchor: keep one of them",
  MULTIPLE_DOCS: "it holds more than one document: keep one of them",
  MULTIPLE_TAGS: "a value has more than one tag: keep one of them",
  NON_STRING_KEY: "a key is not a string: put it in quotes",
  RESOURCE_EXHAUSTION: tooDeep,
  TAB_AS_INDENT: strayTab,
  TAG_RESOLVE_FAILED: "a tag is not known: remove it, or put the value in quotes",
  UNEXPECTED_TOKEN: (message, text, start) => {
    if (message.includes("on same line with key")) {
      return `a list begins on the line of its key: ${unfitList(text, start)}`;
    }
    if (beginsItem(text, start) && beginsLine(text, start)) {
      return unfitList(text, start);
    }
    if (message.includes("header includes")) {
      return "there is text after | or >: move it to the next line";
    }
    if (/Unexpected (?:,|empty item)/.test(message)) {
      return "a comma in brackets or braces has nothing before it: remove it";
    }
    return beginsKey(text, start) ? unfitIndentation : nothingBehind;
  },
};

/** The names of missing characters in the parser's messages, and ours. */
const missing = [
  ["closing", "a quote is not closed: close it, or indent its continuation lines"],
  ["map values", "a key has no colon after it: write key: value"],
  ["space after :", "a colon in brackets or braces has no space after it: add one"],
  ["Comments", "a # has no space before it: add one, or put the value in quotes"],
  ["Tags and anchors", "a tag or an anchor has no space after it: add one"],
  ["Missing ,", "a comma is missing in brackets or braces: add it"],
  ["without - indicator", "a list item has no dash: begin it with one"],
  ["newline after", "a tag or an anchor is on the line of its list: move the list to the next line"],
  ["on same line", "there is text after --- on its line: move it to the next line"],
  ["directives-end", "a line that begins with % has no line --- below it: put it in quotes"],
] as const;

function beginsItem(text: string, offset: number): boolean {
  return /^ *-(?:\s|$)/.test(text.slice(offset));
}

/** Whether a line begins with a key at an offset. */
function beginsKey(text: string, offset: number): boolean {
  return beginsLine(text, offset) && /^ *[\w."'-]+:(?:\s|$)/.test(text.slice(offset));
}

function beginsLine(text: string, offset: number): boolean {
  return text.slice(lineStart(text, offset), offset).trim() === "";
}

/** The remedy for a list whose items are not indented as their key requires. */
function unfitList(text: string, offset: number): string {
  const dash = offset + text.slice(offset).search(/\S/);
  const column = columnOf(text, dash);
  const lines = text.slice(0, lineStart(text, dash)).split("\n").slice(0, -1);
  const own = text.slice(lineStart(text, dash), dash);
  const above = lines.findLast((line) => opensList.test(line) && line.search(/\S/) <= column);
  const key = opensList.exec(own)?.[1] ?? (above === undefined ? undefined : opensList.exec(above)?.[1]);
  return key === undefined
    ? "the items of a list have to begin in the same column"
    : `the list has to be indented under ${key}`;
}

// A key whose value is on the following lines.
const opensList = /^[ -]*([A-Za-z][A-Za-z0-9_.-]{0,39}):\s*(?:[|>][-+\d]*)?\s*(?:#.*)?$/;

/** The maximum number of errors in a message, since an unexpanded template may cause one on every line. */
const maxTold = 3;

export interface PlacedProblem extends Position {
  readonly reason: string;
}

/** What is wrong, without what the text says: even a key may be a token, and a password that begins with * is an alias. */
export function withoutContent({ reason }: PlacedProblem): string {
  return reason.replace(/ under \S+$/, " under its key").replace(/^(the (?:alias|anchor)) [*&]\S+/, "$1");
}

/**
 * Describes the first problems of a text, one for each line, the number of further ones, and the placeholder that probably caused
 * them.
 *
 * @param place describes a position for a user.
 */
export function describeProblems(
  text: string,
  problems: readonly PlacedProblem[],
  place = ({ line, column }: Position) => `line ${line}, column ${column}`,
): string[] {
  const firsts = new Map(problems.toReversed().map((problem) => [problem.line, problem])).values();
  const byLine = [...firsts].toSorted((a, b) => a.line - b.line);
  const told = byLine.slice(0, maxTold).map((problem) => `${place(problem)}: ${problem.reason}`);
  const more = byLine.length - told.length;
  const found = placeholderNear(text, byLine);
  return [
    ...told,
    ...(more === 0 ? [] : [`${more} more ${more === 1 ? "line has an error" : "lines have errors"}`]),
    ...(found === undefined ? [] : [describePlaceholder(`line ${found.line}`, found.placeholder)]),
  ];
}

/** The placeholder that probably caused problems, and its line. */
export function placeholderNear(
  text: string,
  problems: readonly Pick<Position, "line">[],
): { readonly line: number; readonly placeholder: string } | undefined {
  const lines = text.split("\n");
  // A statement of a template engine may spoil lines far from its own.
  const statements = lines.flatMap((line, index) => (/^\s*[{%][%{]/.test(line) ? [index + 1] : []));
  for (const line of [...problems.map((problem) => problem.line), ...statements]) {
    // A word in double braces may be a template of the authenticator.
    const placeholder = placeholderIn((lines[line - 1] ?? "").replace(/\{\{\w+\}\}/g, ""));
    if (placeholder !== undefined) {
      return { line, placeholder };
    }
  }
  return undefined;
}
