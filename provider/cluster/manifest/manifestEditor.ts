import type { Node, Pair, Scalar, YAMLMap } from "yaml";
import { columnOf, hasComment, joinedClosing, joinedGap, lineEnd, lineStart, withoutComma } from "../../yaml/tokens";
import { doubleQuoted } from "../../yamlv2/scalar";
import { type LineBreak, lineBreakAt, singleQuoted, type WrittenText, writeLike, writeText } from "./literal";

/** Edits the text of a manifest, using the source positions of its nodes. */
export class ManifestEditor {
  readonly #text: string;
  readonly #yaml: typeof import("yaml");

  /** @param yaml the YAML library, which the caller has loaded already */
  constructor(text: string, yaml: typeof import("yaml")) {
    this.#text = text;
    this.#yaml = yaml;
  }

  /**
   * Returns the text with one data key set.
   *
   * @param root the ConfigMap's root, parsed from this text
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
      const eol = lineBreakAt(this.#text, end);
      const lines = this.#newPair(key, value, this.#columnOf(data) + newStep, newStep, eol);
      const before = this.#text.slice(0, start).trimEnd();
      return `${before}${this.#restOfLine(end)}${eol}${lines}${this.#text.slice(lineEnd(this.#text, end))}`;
    }
    const existing = this.#pairOf(map, key);
    const column = this.#columnOf(map.items[0]);
    if (existing !== undefined) {
      const step = this.#bodyStep(map, column, existing.value);
      const { value: old } = existing;
      const replaced = this.#yaml.isScalar(old) ? old : undefined;
      return this.#replaceValue(old, writeLike(replaced, value, column + step, column, this.#breakIn(old)));
    }
    return this.#insertPair(this.#endOf(map), key, value, column, this.#bodyStep(map, column));
  }

  /**
   * Returns the text with one annotation set, as a block literal, so that each of its lines is a line of the file.
   *
   * @param root the ConfigMap's root, parsed from this text
   */
  setAnnotation(root: YAMLMap, name: string, value: string): string {
    const edited = this.#withAnnotation(root, name, value);
    // A file without a final line break stays without one.
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
      ? this.#insertPair(this.#endOf(map), name, value, column, step)
      : this.#replaceValue(existing.value, writeText(value, column + step, column, this.#breakIn(existing.value)));
  }

  /**
   * Returns the text without one annotation, and without `annotations` if {@link setAnnotation} added it.
   *
   * @param root the ConfigMap's root, parsed from this text
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
    const first = lineStart(this.#text, rangeOf(pair.key)[0]);
    const isBare = isLast && /^[ \t]*:\s*$/.test(this.#text.slice(behindKey, first));
    const before = this.#text.slice(0, isBare ? lineStart(this.#text, rangeOf(section.key)[0]) : first);
    const behind = this.#text.slice(this.#endOf(map, pair));
    return behind === "" && !this.#text.endsWith("\n") ? before.replace(/\r?\n$/, "") : before + behind;
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

  /** Adds a key to a block mapping, with a nested mapping of one key. */
  #addSection(parent: YAMLMap, section: string, key: string, value: string): string {
    const column = this.#columnOf(parent.items[0]);
    const line = `${" ".repeat(column)}${section}:`;
    return this.#insertPair(this.#endOf(parent), key, value, column + newStep, newStep, line);
  }

  /** Replaces the value of a key in a block mapping. Keeps a comment on its first line. */
  #replaceValue(node: unknown, { header: first, body }: WrittenText): string {
    const [start, end] = rangeOf(node);
    const isBlock = this.#isBlockScalar(node);
    const header = isBlock ? start + (/^[|>][-+0-9]*/.exec(this.#text.slice(start))?.[0].length ?? 1) : end;
    const before = this.#text.slice(0, start) + (this.#text[start - 1] === ":" ? " " : "");
    const eol = lineBreakAt(this.#text, header);
    const after = this.#after(isBlock ? end : lineEnd(this.#text, end), first);
    const edited = `${before}${first}${this.#restOfLine(header)}${eol}${body}${after}`;
    // A file without a final line break stays without one, where that is no part of the text.
    return this.#text.endsWith("\n") || first.endsWith("+") ? edited : edited.replace(/\r?\n$/, "");
  }

  /** The line break of a value: of the first line of a block, else of the value's last line. */
  #breakIn(node: unknown): LineBreak {
    const [start, end] = rangeOf(node);
    return lineBreakAt(this.#text, this.#isBlockScalar(node) ? lineEnd(this.#text, start) : end);
  }

  /** The text from an offset on. Blank lines below a literal with `+` would become part of it. */
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

  /** Keeps what surrounds a removed pair: comments, and the comma between its neighbours. */
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
    // A key without a value gets it right after the colon, before a comment.
    const colon = this.#text.slice(0, start).trimEnd();
    return start === end
      ? `${colon} ${text}${this.#text.slice(colon.length)}`
      : this.#text.slice(0, start) + text + this.#text.slice(end);
  }

  /** Adds a last item, with the same separator as between the items before it. */
  #insertInFlow(map: YAMLMap, pair: string): string {
    const last = map.items.at(-1);
    if (last === undefined) {
      const [start] = rangeOf(map);
      return `${this.#text.slice(0, start + 1)}${pair}${this.#text.slice(start + 1)}`;
    }
    const [keyStart] = rangeOf(last.key);
    const end = endOfPair(last);
    const line = lineStart(this.#text, keyStart);
    const indent = this.#text.slice(line, keyStart);
    const isOnLine = /^[ \t]*$/.test(indent) && line > 0;
    const separator = isOnLine ? `,${lineBreakAt(this.#text, line - 1)}${indent}` : ", ";
    return `${this.#text.slice(0, end)}${separator}${pair}${this.#text.slice(end)}`;
  }

  #newPair(key: string, value: string, column: number, step: number, eol: LineBreak): string {
    const { header, body } = writeText(value, column + step, column, eol);
    const name = /^(?:[a-z]+[A-Z][A-Za-z]*|[a-z-]+\/[a-z]+)$/.test(key) ? key : JSON.stringify(key);
    return `${" ".repeat(column)}${name}: ${header}${eol}${body}`;
  }

  /** The indentation of block literals relative to their keys: that of existing ones, else 2 columns. */
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

  /** The offset at which lines can be added below a mapping, or below one of its pairs. */
  #endOf(map: YAMLMap, last = map.items.at(-1)): number {
    const value = last?.value;
    if (this.#yaml.isMap(value) && value.flow !== true && value.items.length > 0) {
      return this.#endOf(value);
    }
    return lineEnd(this.#text, rangeOf(value ?? last?.key)[1]);
  }

  /** @param above a line above the pair */
  #insertPair(offset: number, key: string, value: string, column: number, step: number, above?: string): string {
    const eol = lineBreakAt(this.#text, offset - 1);
    const lines = `${above === undefined ? "" : above + eol}${this.#newPair(key, value, column, step, eol)}`;
    return appended(this.#text.slice(0, offset), lines, eol) + this.#text.slice(offset);
  }

  #pairOf(map: YAMLMap, key: string): Pair | undefined {
    return map.items.find((pair) => this.#yaml.isScalar(pair.key) && pair.key.value === key);
  }

  #isBlockScalar(node: unknown): node is Scalar {
    return this.#yaml.isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");
  }

  #columnOf(pair: Pair | undefined): number {
    return columnOf(this.#text, rangeOf(pair?.key)[0]);
  }

  /** The rest of a line from an offset on: nothing, or a comment, which needs a space before it. */
  #restOfLine(offset: number): string {
    const rest = /^[^\r\n]*/.exec(this.#text.slice(offset))?.[0] ?? "";
    return rest.startsWith("#") ? ` ${rest}` : rest;
  }
}

/** The indentation of a new mapping or literal relative to its key. */
const newStep = 2;

/** The start of braces that were added, which distinguishes them from an existing `{}` that was filled. */
const ownBraces = "{ ";

function endOfPair(pair: Pair): number {
  return rangeOf(pair.value ?? pair.key)[1];
}

/** Start and end of a node in the text. Only because of a bug can a node have no range. */
function rangeOf(node: unknown): readonly [number, number] {
  if (isNode(node) && node.range) {
    return [node.range[0], node.range[1]];
  }
  throw new TypeError("a node of a parsed manifest has no place in its text");
}

function isNode(node: unknown): node is Pick<Node, "range"> {
  return typeof node === "object" && node !== null && "range" in node;
}

/** Appends lines to a text, starting on a new line. */
export function appended(text: string, lines: string, eol: string): string {
  return text === "" || text.endsWith("\n") ? text + lines : text + eol + lines;
}
