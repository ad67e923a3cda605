import type { Node, Pair, Scalar, YAMLMap } from "yaml";
import { hasComment, joinedClosing, joinedGap, withoutComma } from "../../yaml/tokens";
import { doubleQuoted } from "../../yamlv2/scalar";
import { singleQuoted, type WrittenText, writeLike, writeText } from "./literal";

/** Edits one string of a manifest, by the places that its nodes have in it. */
export class ManifestEditor {
  readonly #text: string;
  readonly #eol: "\n" | "\r\n";
  readonly #yaml: typeof import("yaml");

  /** @param yaml the library, which the caller has loaded by then */
  constructor(text: string, eol: "\n" | "\r\n", yaml: typeof import("yaml")) {
    this.#text = text;
    this.#eol = eol;
    this.#yaml = yaml;
  }

  /**
   * The text with one data key set.
   *
   * @param root the ConfigMap's root, as parsed from this very text
   */
  setKey(root: YAMLMap, key: string, value: string): string {
    const data = this.#pairOf(root, "data");
    const map = data?.value;
    if (root.flow === true || (this.#yaml.isMap(map) && map.flow === true && map.items.length > 0)) {
      return this.#setFlowKey(root, "data", key, value);
    }
    if (data === undefined) {
      return this.#addSection(root, "data", key, value);
    }
    if (!this.#yaml.isMap(map) || map.items.length === 0) {
      const [start, end] = rangeOf(map);
      const lines = this.#newPair(key, value, this.#columnOf(data) + newStep, newStep);
      const before = this.#text.slice(0, start).trimEnd();
      return `${before}${this.#restOfLine(end)}${this.#eol}${lines}${this.#text.slice(this.#nextLine(end))}`;
    }
    const existing = this.#pairOf(map, key);
    const column = this.#columnOf(map.items[0]);
    if (existing !== undefined) {
      const step = this.#bodyStep(map, column, existing.value);
      const written = writeLike(
        this.#yaml.isScalar(existing.value) ? existing.value : undefined,
        value,
        column + step,
        column,
        this.#eol,
      );
      return this.#replaceValue(existing.value, written);
    }
    return this.#insertLines(this.#endOf(map), this.#newPair(key, value, column, this.#bodyStep(map, column)));
  }

  /**
   * The text with one annotation set, as a literal, so that each line of it is a line of the file.
   *
   * @param root the ConfigMap's root, as parsed from this very text
   */
  setAnnotation(root: YAMLMap, name: string, value: string): string {
    const edited = this.#withAnnotation(root, name, value);
    // A string without a final line break goes on without one.
    return this.#text.endsWith("\n") ? edited : edited.replace(/\r?\n$/, "");
  }

  #withAnnotation(root: YAMLMap, name: string, value: string): string {
    const { metadata, section, map } = this.#annotationsOf(root);
    if (metadata.flow === true || (section !== undefined && (map === undefined || map.flow === true))) {
      return this.#setFlowKey(metadata, "annotations", name, value);
    }
    if (section === undefined || map === undefined) {
      return this.#addSection(metadata, "annotations", name, value);
    }
    const existing = this.#pairOf(map, name);
    const column = this.#columnOf(map.items[0]);
    const step = this.#bodyStep(map, column, existing?.value);
    return existing === undefined
      ? this.#insertLines(this.#endOf(map), this.#newPair(name, value, column, step))
      : this.#replaceValue(existing.value, writeText(value, column + step, column, this.#eol));
  }

  /**
   * The text without one annotation, and without `annotations` if {@link setAnnotation} added that.
   *
   * @param root the ConfigMap's root, as parsed from this very text
   */
  removeAnnotation(root: YAMLMap, name: string): string {
    const { metadata, section, map } = this.#annotationsOf(root);
    const pair = map && this.#pairOf(map, name);
    if (section === undefined || map === undefined || pair === undefined) {
      return this.#text;
    }
    const isLast = map.items.length === 1;
    if (map.flow === true) {
      const [start, end] = rangeOf(map);
      if (!isLast || !this.#text.startsWith(ownBraces, start)) {
        return this.#removeFromFlow(map, pair);
      }
      return metadata.flow === true
        ? this.#removeFromFlow(metadata, section)
        : this.#text.slice(0, start).trimEnd() + this.#text.slice(end);
    }
    const [, behindKey] = rangeOf(section.key);
    const first = this.#lineStart(rangeOf(pair.key)[0]);
    const isBare = isLast && /^[ \t]*:\s*$/.test(this.#text.slice(behindKey, first));
    return this.#removeLines(isBare ? this.#lineStart(rangeOf(section.key)[0]) : first, this.#endOf(map, pair));
  }

  #annotationsOf(root: YAMLMap) {
    const metadata = this.#pairOf(root, "metadata")?.value;
    if (!this.#yaml.isMap(metadata)) {
      throw new TypeError("a ConfigMap without metadata has no name");
    }
    const section = this.#pairOf(metadata, "annotations");
    const map = this.#yaml.isMap(section?.value) ? section.value : undefined;
    return { metadata, section, map };
  }

  /** A key of a mapping in block style, with the first key in it. */
  #addSection(parent: YAMLMap, section: string, key: string, value: string): string {
    const column = this.#columnOf(parent.items[0]);
    const pair = this.#newPair(key, value, column + newStep, newStep);
    return this.#insertLines(this.#endOf(parent), `${" ".repeat(column)}${section}:${this.#eol}${pair}`);
  }

  #removeLines(start: number, end: number): string {
    const [before, behind] = [this.#text.slice(0, start), this.#text.slice(end)];
    return behind === "" && !this.#text.endsWith("\n") ? before.replace(/\r?\n$/, "") : before + behind;
  }

  /** The value of a key in block style; what follows on its first line, a comment, stays there. */
  #replaceValue(node: unknown, { header: first, body }: WrittenText): string {
    const [start, end] = rangeOf(node);
    const before = this.#text.slice(0, start) + (this.#text[start - 1] === ":" ? " " : "");
    if (this.#isBlockScalar(node)) {
      const afterHeader = start + (/^[|>][-+0-9]*/.exec(this.#text.slice(start))?.[0].length ?? 1);
      return `${before}${first}${this.#restOfLine(afterHeader)}${this.#eol}${body}${this.#after(end, first)}`;
    }
    return `${before}${first}${this.#restOfLine(end)}${this.#eol}${body}${this.#after(this.#nextLine(end), first)}`;
  }

  /** The text from a place on. Below a literal that keeps its line breaks, blank lines would become part of it. */
  #after(offset: number, header: string): string {
    const rest = this.#text.slice(offset);
    return /^[|>].*\+$/.test(header) ? rest.replace(/^(?:[ \t]*\r?\n)+/, "") : rest;
  }

  #setFlowKey(parent: YAMLMap, name: string, key: string, value: string): string {
    const pair = `${JSON.stringify(key)}: ${doubleQuoted(value)}`;
    const section = this.#pairOf(parent, name);
    if (section === undefined) {
      return this.#insertInFlow(parent, `${JSON.stringify(name)}: ${ownBraces}${pair} }`);
    }
    const map = section.value;
    if (!this.#yaml.isMap(map)) {
      return this.#replaceInFlow(map, `${ownBraces}${pair} }`);
    }
    const existing = this.#pairOf(map, key);
    if (existing === undefined) {
      return this.#insertInFlow(map, pair);
    }
    const isSingle = this.#yaml.isScalar(existing.value) && existing.value.type === "QUOTE_SINGLE";
    return this.#replaceInFlow(existing.value, (isSingle && singleQuoted(value)) || doubleQuoted(value));
  }

  /** What stands around a pair that goes stays: the comma between its neighbours, and comments. */
  #removeFromFlow(map: YAMLMap, pair: Pair): string {
    const index = map.items.indexOf(pair);
    const [previous, next] = [map.items[index - 1], map.items[index + 1]];
    const [open, close] = rangeOf(map);
    const start = previous === undefined ? open + 1 : endOfPair(previous);
    const end = next === undefined ? close - 1 : rangeOf(next.key)[0];
    const before = this.#text.slice(start, rangeOf(pair.key)[0]);
    const behind = this.#text.slice(endOfPair(pair), end);
    const isOnly = previous === undefined && next === undefined;
    const join = next === undefined ? joinedClosing : joinedGap;
    const kept = previous !== undefined && !hasComment(before) ? behind : join(before, behind);
    const gap = isOnly ? before + withoutComma(behind) : kept;
    return this.#text.slice(0, start) + gap + this.#text.slice(end);
  }

  #replaceInFlow(node: unknown, text: string): string {
    const [start, end] = rangeOf(node);
    // What has no value yet gets it right behind the colon, in front of a comment.
    const colon = this.#text.slice(0, start).trimEnd();
    return start === end
      ? `${colon} ${text}${this.#text.slice(colon.length)}`
      : this.#text.slice(0, start) + text + this.#text.slice(end);
  }

  /** A new last item, set apart from the one before it as that is from its own. */
  #insertInFlow(map: YAMLMap, pair: string): string {
    const last = map.items.at(-1);
    if (last === undefined) {
      const [start] = rangeOf(map);
      return `${this.#text.slice(0, start + 1)}${pair}${this.#text.slice(start + 1)}`;
    }
    const [keyStart] = rangeOf(last.key);
    const end = endOfPair(last);
    const lineStart = this.#text.lastIndexOf("\n", keyStart) + 1;
    const indent = this.#text.slice(lineStart, keyStart);
    const separator = /^[ \t]*$/.test(indent) && lineStart > 0 ? `,${this.#eol}${indent}` : ", ";
    return `${this.#text.slice(0, end)}${separator}${pair}${this.#text.slice(end)}`;
  }

  #newPair(key: string, value: string, column: number, step: number): string {
    const { header, body } = writeText(value, column + step, column, this.#eol);
    const name = /^(?:[a-z]+[A-Z][A-Za-z]*|[a-z-]+\/[a-z]+)$/.test(key) ? key : JSON.stringify(key);
    return `${" ".repeat(column)}${name}: ${header}${this.#eol}${body}`;
  }

  /** How much deeper than their keys the lines of block literals stand here: as they do already, else 2 columns. */
  #bodyStep(map: YAMLMap, column: number, own?: unknown): number {
    for (const node of [own, ...map.items.map((pair) => pair.value)]) {
      if (this.#isBlockScalar(node)) {
        const [start, end] = rangeOf(node);
        const [header = "", ...lines] = this.#text.slice(start, end).split("\n");
        const explicit = /^[|>][-+]?([1-9])/.exec(header)?.[1];
        const line = lines.find((text) => text.trim() !== "");
        if (explicit !== undefined) {
          return Number(explicit);
        }
        if (line !== undefined) {
          return line.length - line.trimStart().length - column;
        }
      }
    }
    return 2;
  }

  /** Where lines can be added below everything that a mapping holds, or below one of its pairs. */
  #endOf(map: YAMLMap, last = map.items.at(-1)): number {
    const value = last?.value;
    if (this.#yaml.isMap(value) && value.flow !== true && value.items.length > 0) {
      return this.#endOf(value);
    }
    const [, end] = rangeOf(value ?? last?.key);
    return this.#text[end - 1] === "\n" ? end : this.#nextLine(end);
  }

  #insertLines(offset: number, lines: string): string {
    return appended(this.#text.slice(0, offset), lines, this.#eol) + this.#text.slice(offset);
  }

  #pairOf(map: YAMLMap, key: string): Pair | undefined {
    return map.items.find((pair) => this.#yaml.isScalar(pair.key) && pair.key.value === key);
  }

  #isBlockScalar(node: unknown): node is Scalar {
    return this.#yaml.isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");
  }

  #columnOf(pair: Pair | undefined): number {
    const [start] = rangeOf(pair?.key);
    return start - this.#lineStart(start);
  }

  #lineStart(offset: number): number {
    return this.#text.lastIndexOf("\n", offset - 1) + 1;
  }

  /** From a place to the end of its line: nothing or a comment, which needs a space in front of it. */
  #restOfLine(offset: number): string {
    const rest = /^[^\r\n]*/.exec(this.#text.slice(offset))?.[0] ?? "";
    return rest.startsWith("#") ? ` ${rest}` : rest;
  }

  #nextLine(offset: number): number {
    const end = this.#text.indexOf("\n", offset);
    return end === -1 ? this.#text.length : end + 1;
  }
}

/** How much deeper than its key a new mapping or literal stands. */
const newStep = 2;

/** How braces begin that stand where there were none, so that they are told apart from an empty `{}` that was filled. */
const ownBraces = "{ ";

function endOfPair(pair: Pair): number {
  return rangeOf(pair.value ?? pair.key)[1];
}

/** Start and end of a node's own text; a node that is not in the text has none, which only a bug can cause. */
function rangeOf(node: unknown): readonly [number, number] {
  if (isNode(node) && node.range) {
    return [node.range[0], node.range[1]];
  }
  throw new TypeError("a node of a parsed manifest has no place in its text");
}

function isNode(node: unknown): node is Pick<Node, "range"> {
  return typeof node === "object" && node !== null && "range" in node;
}

/** A string with lines added at its end, which begin on a line of their own. */
export function appended(text: string, lines: string, eol: string): string {
  return text === "" || text.endsWith("\n") ? text + lines : text + eol + lines;
}
