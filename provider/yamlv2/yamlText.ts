import { Composer, type ParsedNode } from "yaml";
import { boundedTokens, TooDeep } from "../yaml/tokens";
import { describeYamlError, offsetOf, type PlacedProblem, positionAt } from "../yaml/yamlErrors";
import { inspectDialect } from "./dialect";

/** The first document of a YAML source, with the source token of every node. */
export interface YamlText {
  /** The text that was read: the given one with every line break that YAML 1.1 alone knows made a `\n`, at the same offset. */
  readonly text: string;
  /** The document's content; null when it has none. */
  readonly root: ParsedNode | null;
  /** Whether nodes refer to each other or to directives, so that a part of the text may mean something else alone. */
  readonly isLinked: boolean;
  readonly problem: PlacedProblem | undefined;
}

/**
 * Reads the syntax of a YAML source, as far as the authenticator looks: it stops after the first document. What the scalars mean is
 * for `scalarKind` to say, so every one is kept as a string here.
 */
export function readYaml(source: string): YamlText {
  const text = source.replace(yaml11Break, "\n");
  const control = controlCharacter.exec(text);
  if (control !== null) {
    const character = `U+${(control[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    return unreadable(text, control.index, `the character ${character} is not allowed in YAML: remove it`);
  }
  try {
    return parse(source, text);
  } catch (error) {
    if (error instanceof TooDeep) {
      return unreadable(text, error.offset, error.message);
    }
    throw error;
  }
}

// A return alone, next line, line separator, paragraph separator: breaks in YAML 1.1, ordinary characters in 1.2.
const yaml11Break = /\r(?!\n)|[\u0085\u2028\u2029]/g;
// https://yaml.org/spec/1.1/#c-printable; a byte order mark is only one at the very beginning, or within a line.
const controlCharacter =
  /(?<=\n)\ufeff|[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

// Types are the authenticator's to tell, and of a repeated key it takes the last.
const composerOptions = {
  schema: "failsafe",
  resolveKnownTags: false,
  keepSourceTokens: true,
  uniqueKeys: false,
  merge: false,
  logLevel: "silent",
} as const;

function parse(source: string, text: string): YamlText {
  const tokens = boundedTokens(text, () => {});
  const [document] = new Composer(composerOptions).compose(tokens, true, text.length);
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    return unreadable(text, offsetOf(error, text), describeYamlError(error, text));
  }
  const { problem, isLinked } = inspectDialect(source, text, tokens);
  if (problem !== undefined) {
    return unreadable(text, problem.offset, problem.reason);
  }
  return { text, root: document?.contents ?? null, isLinked, problem: undefined };
}

function unreadable(text: string, offset: number, reason: string): YamlText {
  return { text, root: null, isLinked: false, problem: { ...positionAt(text, offset), reason } };
}
