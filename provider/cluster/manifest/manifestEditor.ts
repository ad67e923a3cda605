import type { Pair, Scalar, YAMLMap } from "yaml";
import { doubleQuoted } from "../../awsAuthMap/scalar";
import { columnOf, hasComment, joinedClosing, joinedGap, lineEnd, lineStart, withoutComma } from "./gaps";
import { type LineBreak, lineBreakAt, singleQuoted, type WrittenText, writeText } from "./literal";

/** Edits the text of a manifest, using the source positions of its nodes. */
export class ManifestEditor {
  readonly #text: string;
  readonly #root: YAMLMap;
  readonly #yaml: typeof import("yaml");

  /**
   * @param root the ConfigMap's root, parsed from the text
   * @param yaml the YAML library, which the caller has loaded already
   */
  constructor(text: string, root: YAMLMap, yaml: typeof import("yaml")) {
    this.#text = text;
    this.#root = root;
    this.#yaml = yaml;
  }

  /** Returns the text with one data key set. */
  setKey(key: string, value: string): string {
    return this.#set(this.#root, "data", key, value, false);
  }

  /**
   * Returns the text with one annotation set, as a block literal, so that each of its lines is a line of the file. With null, returns the
   * text without it, and without `annotations` if they were added with it.
   */
  setAnnotation(name: string, value: string | null): string {
    const metadata = this.#pairOf(this.#root, "metadata")?.value;
    if (!this.#yaml.isMap(metadata)) {
      throw new TypeError("a ConfigMap without metadata has no name");
    }
    const section = "annotations";
    return this.#endedAlike(
      value === null ? this.#remove(metadata, section, name) : this.#set(metadata, section, name, value, true),
    );
  }

  /**
   * Sets a key of a map in a map.
   *
   * @param isOwn whether the key is ours alone. It always becomes a block literal, and without others it is in braces, so that it can go
   * without a trace.
   */
  #set(parent: YAMLMap, section: string, key: string, value: string, isOwn: boolean): string {
    const pair = this.#pairOf(parent, section);
    const map = this.#yaml.isMap(pair?.value) ? pair.value : undefined;
    const isEmpty = map === undefined || map.items.length === 0;
    if (parent.flow === true || (pair !== undefined && (isEmpty ? isOwn : map.flow === true))) {
      return this.#setInFlow(parent, section, key, value);
    }
    if (pair === undefined) {
      const column = this.#columnOf(parent.items[0]);
      return this.#insertPair(parent, key, value, column + newStep, newStep, `${" ".repeat(column)}${section}:`);
    }
    if (isEmpty) {
      const eol = lineBreakAt(this.#text, this.#rangeOf(pair.value)[1]);
      const body = this.#newPair(key, value, this.#columnOf(pair) + newStep, newStep, eol);
      return this.#replaceValue(pair.value, { header: "", body });
    }
    const column = this.#columnOf(map.items[0]);
    const existing = this.#pairOf(map, key);
    const step = this.#bodyStep(map, column, existing?.value);
    if (existing === undefined) {
      return this.#insertPair(map, key, value, column, step);
    }
    const { value: old } = existing;
    const [start, end] = this.#rangeOf(old);
    // That of the first line of a block, else of the value's last line.
    const eol = lineBreakAt(this.#text, this.#isBlockScalar(old) ? lineEnd(this.#text, start) : end);
    const written = writeText(value, column, step, eol, this.#yaml.isScalar(old) && !isOwn ? old : undefined);
    const edited = this.#replaceValue(old, written);
    // Where the line break is part of the text, it stays.
    return written.header.endsWith("+") ? edited : this.#endedAlike(edited);
  }

  #remove(parent: YAMLMap, name: string, key: string): string {
    const section = this.#pairOf(parent, name);
    const map = this.#yaml.isMap(section?.value) ? section.value : undefined;
    const pair = map && this.#pairOf(map, key);
    if (section === undefined || map === undefined || pair === undefined) {
      return this.#text;
    }
    const isLast = map.items.length === 1;
    const [start, end] = this.#rangeOf(map);
    if (map.flow === true) {
      if (!isLast || !this.#text.startsWith(ownBraces, start)) {
        return this.#removeFromFlow(map, pair);
      }
      return parent.flow === true
        ? this.#removeFromFlow(parent, section)
        : this.#text.slice(0, start).trimEnd() + this.#text.slice(end);
    }
    const [sectionStart, sectionEnd] = this.#rangeOf(section.key);
    const first = lineStart(this.#text, this.#rangeOf(pair.key)[0]);
    const isBare = isLast && /^[ \t]*:\s*$/.test(this.#text.slice(sectionEnd, first));
    return this.#spliced(isBare ? lineStart(this.#text, sectionStart) : first, this.#endOf(map, pair), "");
  }

  /** Replaces a value in a block mapping. Keeps a comment on its first line. */
  #replaceValue(node: unknown, { header, body }: WrittenText): string {
    const [start, end] = this.#rangeOf(node);
    const isBlock = this.#isBlockScalar(node);
    const before = this.#text.slice(0, start);
    const opening = header === "" ? before.trimEnd() : `${before}${before.endsWith(":") ? " " : ""}${header}`;
    const behind = isBlock ? start + this.#text.slice(start).search(/[^|>\d+-]|$/) : end;
    const remark = /^[^\r\n]*/.exec(this.#text.slice(behind))?.[0] ?? "";
    const after = this.#text.slice(isBlock ? end : lineEnd(this.#text, end));
    return [
      opening,
      remark.startsWith("#") ? ` ${remark}` : remark,
      lineBreakAt(this.#text, behind),
      body,
      // Blank lines below a literal with `+` would become part of it.
      header.endsWith("+") ? after.replace(/^(?:[ \t]*\r?\n)+/, "") : after,
    ].join("");
  }

  /** A file without a final line break stays without one. */
  #endedAlike(edited: string): string {
    return this.#text.endsWith("\n") ? edited : edited.replace(/\r?\n$/, "");
  }

  #setInFlow(parent: YAMLMap, name: string, key: string, value: string): string {
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
    const [open, close] = this.#rangeOf(map);
    const start = previous === undefined ? open + 1 : this.#endOfPair(previous);
    const end = next === undefined ? close - 1 : this.#rangeOf(next.key)[0];
    const before = this.#text.slice(start, this.#rangeOf(pair.key)[0]);
    const behind = this.#text.slice(this.#endOfPair(pair), end);
    if (previous !== undefined && !hasComment(before)) {
      return this.#spliced(start, end, behind);
    }
    const isOnly = previous === undefined && next === undefined;
    const join = next === undefined ? joinedClosing : joinedGap;
    return this.#spliced(start, end, isOnly ? before + withoutComma(behind) : join(before, behind));
  }

  #replaceInFlow(node: unknown, text: string): string {
    const [start, end] = this.#rangeOf(node);
    // A key without a value gets it right after the colon, before a comment.
    const colon = this.#text.slice(0, start).trimEnd().length;
    return start === end ? this.#spliced(colon, colon, ` ${text}`) : this.#spliced(start, end, text);
  }

  /** Adds a last item, with the same separator as between the items before it. */
  #insertInFlow(map: YAMLMap, pair: string): string {
    const last = map.items.at(-1);
    if (last === undefined) {
      const start = this.#rangeOf(map)[0] + 1;
      return this.#spliced(start, start, pair);
    }
    const [key] = this.#rangeOf(last.key);
    const line = lineStart(this.#text, key);
    const indent = this.#text.slice(line, key);
    const isOnLine = indent.trim() === "" && line > 0;
    const end = this.#endOfPair(last);
    return this.#spliced(end, end, (isOnLine ? `,${lineBreakAt(this.#text, line - 1)}${indent}` : ", ") + pair);
  }

  /** @param above a line above the pair */
  #insertPair(map: YAMLMap, key: string, value: string, column: number, step: number, above?: string): string {
    const offset = this.#endOf(map);
    const eol = lineBreakAt(this.#text, offset - 1);
    const lines = `${above === undefined ? "" : above + eol}${this.#newPair(key, value, column, step, eol)}`;
    return appended(this.#text.slice(0, offset), lines, eol) + this.#text.slice(offset);
  }

  #newPair(key: string, value: string, column: number, step: number, eol: LineBreak): string {
    const { header, body } = writeText(value, column, step, eol);
    const name = /^(?:[a-z]+[A-Z][A-Za-z]*|[a-z-]+\/[a-z]+)$/.test(key) ? key : JSON.stringify(key);
    return `${" ".repeat(column)}${name}: ${header}${eol}${body}`;
  }

  /** The indentation of block literals relative to their keys: that of existing ones, the replaced one first. */
  #bodyStep(map: YAMLMap, column: number, replaced: unknown): number {
    const blocks = [replaced, ...map.items.map(({ value }) => value)].filter((node) => this.#isBlockScalar(node));
    const [step = newStep] = blocks.flatMap((node) => {
      const source = this.#text.slice(...this.#rangeOf(node));
      const [, explicit, indent] = /^[|>][-+]?([1-9])?[^\n]*(?:\n(?:\s*\n)?([^\n\S]*)\S)?/.exec(source) ?? [];
      return explicit ?? (indent === undefined ? [] : indent.length - column);
    });
    return Number(step);
  }

  /** The offset at which lines can be added below a mapping, or below one of its pairs. */
  #endOf(map: YAMLMap, last = map.items.at(-1)): number {
    const value = last?.value;
    if (this.#yaml.isMap(value) && value.flow !== true && value.items.length > 0) {
      return this.#endOf(value);
    }
    return lineEnd(this.#text, this.#rangeOf(value ?? last?.key)[1]);
  }

  #endOfPair({ key, value }: Pair): number {
    return this.#rangeOf(value ?? key)[1];
  }

  #pairOf(map: YAMLMap, key: string): Pair | undefined {
    return map.items.find((pair) => this.#yaml.isScalar(pair.key) && pair.key.value === key);
  }

  #isBlockScalar(node: unknown): node is Scalar {
    return this.#yaml.isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");
  }

  #columnOf(pair: Pair | undefined): number {
    return columnOf(this.#text, this.#rangeOf(pair?.key)[0]);
  }

  #spliced(start: number, end: number, text: string): string {
    return this.#text.slice(0, start) + text + this.#text.slice(end);
  }

  /** Start and end of a node in the text. An explicit key without a value has a node without any. */
  #rangeOf(node: unknown): readonly [start: number, end: number] {
    if (this.#yaml.isNode(node) && node.range) {
      return [node.range[0], node.range[1]];
    }
    throw new TypeError("a node of a parsed manifest has no place in its text");
  }
}

/** The indentation of a new mapping or literal relative to its key. */
const newStep = 2;

/** The start of braces that were added, which distinguishes them from an existing `{}` that was filled. */
const ownBraces = "{ ";

/** Appends lines to a text, starting on a new line. */
export function appended(text: string, lines: string, eol: string): string {
  return text === "" || text.endsWith("\n") ? text + lines : text + eol + lines;
}
