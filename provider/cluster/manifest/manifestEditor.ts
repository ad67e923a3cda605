import type { Node, Pair, Scalar, YAMLMap } from "yaml";
import { blockLiteral, doubleQuoted } from "./literal";

/** Edits one text of a manifest, by the places that its nodes have in it. */
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
      return this.#setFlowKey(root, data, key, value);
    }
    const step = 2;
    if (data === undefined) {
      const column = this.#columnOf(root.items[0]);
      const lines = `${" ".repeat(column)}data:${this.#eol}${this.#newPair(key, value, column + step, step)}`;
      return this.#insertLines(this.#endOf(root), lines);
    }
    if (!this.#yaml.isMap(map) || map.items.length === 0) {
      const [start, end] = rangeOf(map);
      const lines = this.#newPair(key, value, this.#columnOf(data) + step, step);
      const before = this.#text.slice(0, start).trimEnd();
      return `${before}${this.#restOfLine(end)}${this.#eol}${lines}${this.#text.slice(this.#nextLine(end))}`;
    }
    const existing = this.#pairOf(map, key);
    const column = this.#columnOf(map.items[0]);
    if (existing !== undefined) {
      return this.#replaceValue(existing.value, value, column, this.#bodyStep(map, column, existing.value));
    }
    return this.#insertLines(this.#endOf(map), this.#newPair(key, value, column, this.#bodyStep(map, column)));
  }

  /** The value of a key in block style; what follows on its first line, a comment, stays there. */
  #replaceValue(node: unknown, value: string, column: number, step: number): string {
    const [start, end] = rangeOf(node);
    const literal = blockLiteral(value, column + step, column, this.#eol);
    const first = literal?.header ?? doubleQuoted(value);
    const body = literal?.body ?? "";
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
    return header.startsWith("|") && header.endsWith("+") ? rest.replace(/^(?:[ \t]*\r?\n)+/, "") : rest;
  }

  #setFlowKey(root: YAMLMap, data: Pair | undefined, key: string, value: string): string {
    const pair = `${JSON.stringify(key)}: ${doubleQuoted(value)}`;
    if (data === undefined) {
      return this.#insertInFlow(root, `"data": {${pair}}`);
    }
    const map = data.value;
    if (!this.#yaml.isMap(map)) {
      return this.#replaceInFlow(map, `{${pair}}`);
    }
    const existing = this.#pairOf(map, key);
    return existing === undefined
      ? this.#insertInFlow(map, pair)
      : this.#replaceInFlow(existing.value, doubleQuoted(value));
  }

  #replaceInFlow(node: unknown, text: string): string {
    const [start, end] = rangeOf(node);
    return `${this.#text.slice(0, start)}${this.#text[start - 1] === ":" && start === end ? " " : ""}${text}${this.#text.slice(end)}`;
  }

  /** A new last item, set apart from the one before it as that is from its own. */
  #insertInFlow(map: YAMLMap, pair: string): string {
    const last = map.items.at(-1);
    if (last === undefined) {
      const [start] = rangeOf(map);
      return `${this.#text.slice(0, start + 1)}${pair}${this.#text.slice(start + 1)}`;
    }
    const [keyStart] = rangeOf(last.key);
    const [, end] = rangeOf(last.value ?? last.key);
    const lineStart = this.#text.lastIndexOf("\n", keyStart) + 1;
    const indent = this.#text.slice(lineStart, keyStart);
    const separator = /^[ \t]*$/.test(indent) && lineStart > 0 ? `,${this.#eol}${indent}` : ", ";
    return `${this.#text.slice(0, end)}${separator}${pair}${this.#text.slice(end)}`;
  }

  #newPair(key: string, value: string, column: number, step: number): string {
    const literal = blockLiteral(value, column + step, column, this.#eol);
    const name = /^[a-z]+[A-Z][A-Za-z]*$/.test(key) ? key : JSON.stringify(key);
    const text =
      literal === undefined ? `${doubleQuoted(value)}${this.#eol}` : `${literal.header}${this.#eol}${literal.body}`;
    return `${" ".repeat(column)}${name}: ${text}`;
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

  /** Where lines can be added below everything that a mapping holds. */
  #endOf(map: YAMLMap): number {
    const last = map.items.at(-1);
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
    return start - (this.#text.lastIndexOf("\n", start - 1) + 1);
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

/** A text with lines added at its end, which begin on a line of their own. */
export function appended(text: string, lines: string, eol: string): string {
  return text === "" || text.endsWith("\n") ? text + lines : text + eol + lines;
}
