import type { CST, ParsedNode } from "yaml";
import { describePlaceholder } from "../text/text";
import { boundedTokens, composed, TooDeep } from "../yaml/tokens";
import { describeYamlError, offsetOf, type PlacedProblem, placeholderNear, positionAt } from "../yaml/yamlErrors";
import { inspectDialect } from "./dialect";

/** The first document of a YAML source, with the source token of every node. */
export interface YamlText {
  /** The normalized text: line breaks that only YAML 1.1 knows are replaced by `\n`, with the same offsets. */
  readonly text: string;
  /** The document's content; null if it is empty. */
  readonly root: ParsedNode | null;
  /** Whether there are anchors, aliases or directives, so that a part of the text may have another meaning by itself. */
  readonly isLinked: boolean;
  readonly problem: PlacedProblem | undefined;
}

/**
 * Parses a YAML source as far as the authenticator reads it, which is to the end of the first document. Keeps every scalar as a
 * string, since `scalarKind` determines the types.
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

// A lone carriage return, next line, line separator, paragraph separator: line breaks in YAML 1.1, ordinary characters in 1.2.
const yaml11Break = /\r(?!\n)|[\u0085\u2028\u2029]/g;
// https://yaml.org/spec/1.1/#c-printable; a byte order mark counts only at the start of the text, or within a line.
const controlCharacter =
  /(?<=\n)\ufeff|[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufeff\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

// The authenticator's own rules determine types, and it uses the last of repeated keys.
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
  const isNext = ({ type }: CST.Token, index: number) => type === "document" && index > first;
  const first = tokens.findIndex(({ type }) => type === "document");
  const next = tokens.findIndex(isNext);
  const [document] = composed(tokens.slice(0, next === -1 ? undefined : next), composerOptions, text.length);
  const [error] = document?.errors ?? [];
  if (error !== undefined) {
    const offset = offsetOf(error, text);
    const found = placeholderNear(text, [positionAt(text, offset)]);
    const hint = found === undefined ? "" : `; ${describePlaceholder("it", found.placeholder)}`;
    return unreadable(text, offset, `${describeYamlError(error, text)}${hint}`);
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
