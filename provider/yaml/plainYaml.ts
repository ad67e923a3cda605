import {
  type Alias,
  type Document,
  type DocumentOptions,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParseOptions,
  type SchemaOptions,
} from "yaml";
import { boundedTokens, composed, maxDepth, maxTextBytes, TooDeep, tooDeep } from "./tokens";
import { describeYamlError, offsetOf, type PlacedProblem } from "./yamlErrors";

interface OffsetProblem {
  readonly offset: number;
  readonly reason: string;
}

/** The maximum size of a document with all aliases expanded, in characters. */
const maxExpanded = 10_000_000;

/**
 * Problems that the library does not check before it converts a document to a value: repeated keys, and the expansion of aliases.
 */
function nodeProblems(root: Node | null): readonly OffsetProblem[] {
  const walk = new NodeWalk();
  walk.measure(root);
  return walk.problems;
}

/** What an alias can refer to. */
type AliasTarget = NonNullable<ReturnType<Alias["resolve"]>>;

/** The expanded size and depth of a node. */
interface Measure {
  /** In characters, plus one for each node. */
  readonly size: number;
  readonly depth: number;
}

const nothing: Measure = { size: 1, depth: 0 };

class NodeWalk {
  readonly problems: OffsetProblem[] = [];
  /** By the name of the anchor; without a measure while its node is being visited. */
  readonly #anchored = new Map<string, { readonly node: AliasTarget; readonly measure: Measure | undefined }>();

  measure(node: unknown): Measure {
    if (!isNode(node)) {
      return nothing;
    }
    if (isAlias(node)) {
      return this.#target(node);
    }
    const { anchor } = node;
    if (anchor !== undefined) {
      this.#anchored.set(anchor, { node, measure: undefined });
    }
    const measure = this.#content(node);
    if (anchor !== undefined) {
      this.#anchored.set(anchor, { node, measure });
    }
    return measure;
  }

  #target(alias: Alias): Measure {
    const name = alias.source;
    const target = this.#anchored.get(name);
    if (target?.measure !== undefined) {
      // The library itself looks through the whole document for the anchor of each alias.
      alias.resolve = () => target.node;
      return target.measure;
    }
    const reason =
      target === undefined
        ? `the alias *${name} has no anchor: put it in quotes`
        : `the anchor &${name} contains itself`;
    return this.#problem(alias, reason);
  }

  #content(node: AliasTarget): Measure {
    if (isScalar(node)) {
      return { size: 1 + String(node.source ?? "").length, depth: 0 };
    }
    if (isMap(node)) {
      this.#checkKeys(node.items);
    }
    const parts = isMap(node) ? node.items.flatMap(({ key, value }) => [key, value]) : isSeq(node) ? node.items : [];
    let [size, depth] = [1, 0];
    for (const part of parts) {
      const measured = this.measure(part);
      size += measured.size;
      depth = Math.max(depth, measured.depth + 1);
    }
    if (size > maxExpanded) {
      return this.#problem(node, `aliases multiply the text to more than ${maxExpanded} characters`);
    }
    return depth > maxDepth ? this.#problem(node, tooDeep) : { size, depth };
  }

  #checkKeys(pairs: readonly Pair[]): void {
    const seen = new Set<unknown>();
    for (const { key } of pairs) {
      // Merge keys may be repeated.
      if (!isScalar(key) || key.value === "<<") {
        continue;
      }
      if (seen.has(key.value)) {
        this.#problem(key, "a key is repeated in a map: keep one of them");
      }
      seen.add(key.value);
    }
  }

  /** Records a problem. Its node counts as empty, so that one bomb is reported only once. */
  #problem(node: Node, reason: string): Measure {
    this.problems.push({ offset: node.range?.[0] ?? 0, reason });
    return nothing;
  }
}

interface ForeignYaml {
  /**
   * At least one document, which may be empty. Convert documents to values, with {@link plainValue}, only if there are no problems.
   */
  readonly documents: readonly Document.Parsed[];
  readonly problems: readonly PlacedProblem[];
  /** The 1-based line of an offset. */
  lineOf(offset: number): number;
}

/**
 * Parses a YAML source in bounded time and memory, whatever it contains. Reports deep nesting, and aliases that expand too far or
 * refer to themselves, which the library does not bound. The time for a map grows linearly with the number of keys, not
 * quadratically.
 */
export function readForeignYaml(text: string, options: Pick<DocumentOptions, "version"> = {}): ForeignYaml {
  const lines = new LineCounter();
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const placed = (problem: OffsetProblem): PlacedProblem => {
    const { line, col } = lines.linePos(problem.offset);
    return {
      line,
      column: col,
      // Only few of many are told, and to describe one takes a look at the lines above it.
      get reason() {
        return problem.reason;
      },
    };
  };
  const unread = (problem: PlacedProblem): ForeignYaml => ({ documents: [], problems: [problem], lineOf });
  if (text.length > maxTextBytes) {
    return unread({ line: 1, column: 1, reason: `it is longer than ${maxTextBytes} characters` });
  }
  try {
    const tokens = boundedTokens(text, lines.addNewLine);
    const documents = composed(tokens, { ...composerOptions, ...options }, text.length);
    const problems = documents.flatMap((document) =>
      document.errors.length === 0
        ? nodeProblems(document.contents)
        : document.errors.map((error) => ({
            offset: offsetOf(error, text),
            get reason() {
              return describeYamlError(error, text);
            },
          })),
    );
    return { documents, problems: problems.map(placed), lineOf };
  } catch (error) {
    if (!(error instanceof TooDeep)) {
      throw error;
    }
    return unread(placed({ offset: error.offset, reason: error.message }));
  }
}

/** The value of a document without problems. */
export function plainValue(document: Document.Parsed): unknown {
  // The library counts only aliases. Their expansion has been measured already.
  return document.toJS({ maxAliasCount: -1 });
}

const composerOptions = {
  uniqueKeys: false,
  logLevel: "silent",
} as const satisfies ParseOptions & DocumentOptions & SchemaOptions;
