import { Composer, type CST, LineCounter, type ParsedNode, Parser } from "yaml";
import { findDialectFault } from "./dialect";

/** A fault in a text, at a 1-based line of it. */
export interface TextFault {
  readonly line: number;
  readonly reason: string;
}

/** The first document of a YAML text, with the source token of every node. */
export interface YamlText {
  /** The text that was read: the given one with every line break that YAML 1.1 alone knows made a `\n`, at the same offset. */
  readonly text: string;
  /** The document's content; null when it has none. */
  readonly root: ParsedNode | null;
  /** Whether nodes refer to each other or to directives, so that a part of the text may mean something else alone. */
  readonly isLinked: boolean;
  readonly fault: TextFault | undefined;
}

/**
 * Reads a YAML text's syntax, as far as the authenticator looks: it stops after the first document. What the scalars mean is for
 * `scalarKind` to say, so every one is kept as a string here.
 */
export function readYaml(source: string): YamlText {
  const text = source.replace(yaml11Break, "\n");
  const control = controlCharacter.exec(text);
  if (control !== null) {
    const character = `U+${(control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    return faulty(text, lineAt(text, control.index), `the character ${character} is not allowed in YAML`);
  }
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const [document] = new Composer(composerOptions).compose(tokens, true, text.length);
  const [error] = document?.errors ?? [];
  if (error !== undefined) return faulty(text, lines.linePos(error.pos[0]).line, error.message);
  const token = tokens.find((candidate) => candidate.type === "document");
  const difference = token && findDialectFault(source, token);
  if (difference !== undefined) return faulty(text, lines.linePos(difference.offset).line, difference.reason);
  if (token === undefined || isAbsent(token)) {
    const end = tokens.find((candidate) => candidate.type === "doc-end");
    if (end) return faulty(text, lines.linePos(end.offset).line, "the document ends before it begins");
  }
  return { text, root: document?.contents ?? null, isLinked: linkingCharacter.test(text), fault: undefined };
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

// A return alone, next line, line separator, paragraph separator: breaks in YAML 1.1, ordinary characters in 1.2.
const yaml11Break = /\r(?!\n)|[\u0085\u2028\u2029]/g;
// https://yaml.org/spec/1.1/#c-printable
const controlCharacter = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
// Anchors, aliases and directives; a text that has the characters elsewhere is merely verified as a whole.
const linkingCharacter = /(?:^|[\s,[{:-])[&*]\S|^%/m;

// Types are the authenticator's to tell, and of a repeated key it takes the last.
const composerOptions = {
  schema: "failsafe",
  resolveKnownTags: false,
  keepSourceTokens: true,
  uniqueKeys: false,
  merge: false,
  logLevel: "silent",
} as const;

/** Whether a document holds nothing, not even the mark that begins one. */
function isAbsent(document: CST.Document): boolean {
  return document.value === undefined && !document.start.some(({ type }) => type === "doc-start");
}

function faulty(text: string, line: number, reason: string): YamlText {
  return { text, root: null, isLinked: false, fault: { line, reason } };
}
