import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { isImplicit, OtherScalar, resolveScalar, type Value, ValueProblem } from "./scalar";

/**
 * Evaluates nodes as yaml.v2's decoder and the following conversion to JSON do: follows aliases, applies merge keys in document
 * order, and uses the last of repeated keys.
 */
export class Evaluator {
  private readonly targets = new Map<ParsedNode, ParsedNode>();
  private readonly open = new Set<ParsedNode>();
  private decoded = 0;
  private aliased = 0;
  private aliasDepth = 0;

  /**
   * @param root the content of the whole document, which contains the anchors.
   * @throws ValueProblem for an alias without an anchor.
   */
  constructor(root: ParsedNode | null, isLinked: boolean) {
    if (root !== null && isLinked) {
      this.link(root, new Map());
    }
  }

  /**
   * The value of a node.
   *
   * @throws ValueProblem if the authenticator would drop the key.
   */
  valueOf(node: ParsedNode | null): Value {
    if (node === null) {
      return null;
    }
    this.count(node);
    if (isAlias(node)) {
      return this.follow(node, (target) => this.valueOf(target));
    }
    if (isScalar(node)) {
      return scalarValue(node);
    }
    if (isSeq(node)) {
      return (node as YAMLSeq.Parsed).items.map((item) => this.valueOf(item));
    }
    const fields = new Map<string, Value>();
    this.collect(node as YAMLMap.Parsed, fields);
    return fields;
  }

  /** Calls `read` with the node that an alias refers to. */
  follow<T>(alias: ParsedNode, read: (target: ParsedNode) => T): T {
    const target = this.targets.get(alias);
    if (target === undefined) {
      throw new ValueProblem(
        alias.range[0],
        `the alias *${(alias as Alias.Parsed).source} has no anchor: put it in quotes`,
      );
    }
    if (this.open.has(alias)) {
      throw new ValueProblem(alias.range[0], `the anchor &${(alias as Alias.Parsed).source} contains itself`);
    }
    this.open.add(alias);
    this.aliasDepth++;
    const result = read(target);
    this.aliasDepth--;
    this.open.delete(alias);
    return result;
  }

  private collect(map: YAMLMap.Parsed, into: Map<string, Value>): void {
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) {
        this.merge(value, into, key);
      } else {
        into.set(this.keyText(key), this.valueOf(value));
      }
    }
  }

  private merge(source: ParsedNode | null, into: Map<string, Value>, key: ParsedNode): void {
    if (isSeq(source)) {
      // In reverse, since earlier maps take precedence.
      for (const item of (source as YAMLSeq.Parsed).items.toReversed()) {
        this.mergeMap(item, into);
      }
    } else {
      this.mergeMap(source ?? key, into);
    }
  }

  private mergeMap(source: ParsedNode, into: Map<string, Value>): void {
    this.count(source);
    const target = isAlias(source) ? this.targets.get(source) : source;
    if (!isMap(target)) {
      throw new ValueProblem(source.range[0], "a merge key << takes a map or a list of maps");
    }
    if (isAlias(source)) {
      this.follow(source, (map) => this.collect(map as YAMLMap.Parsed, into));
    } else {
      this.collect(target as YAMLMap.Parsed, into);
    }
  }

  private keyText(key: ParsedNode): string {
    this.count(key);
    if (isAlias(key)) {
      return this.follow(key, (target) => this.keyText(target));
    }
    if (!isScalar(key)) {
      throw new ValueProblem(key.range[0], "a key is a list or a map: write it as a string");
    }
    const { kind, text } = resolveScalar(key as Scalar.Parsed);
    if (kind === "null") {
      throw new ValueProblem(key.range[0], "a key is null: write it as a string");
    }
    if (kind === "unsigned") {
      throw new ValueProblem(key.range[0], `the key ${text} is too large a number: put it in quotes`);
    }
    // A key that is not a string must not equal the name of a field.
    return kind === "string" || kind === "merge" ? text : `${text}\0`;
  }

  /** Applies yaml.v2's own limit for the expansion of aliases. */
  private count(node: ParsedNode): void {
    this.decoded++;
    if (this.aliasDepth > 0) {
      this.aliased++;
    }
    if (this.aliased > 100 && this.decoded > 1000 && this.aliased / this.decoded > allowedAliasRatio(this.decoded)) {
      throw new ValueProblem(node.range[0], "aliases multiply the text beyond what the authenticator accepts");
    }
  }

  private link(node: ParsedNode | null, anchors: Map<string, ParsedNode>): void {
    if (node === null) {
      return;
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) {
        throw new ValueProblem(node.range[0], `the alias *${node.source} has no anchor: put it in quotes`);
      }
      this.targets.set(node, target);
      return;
    }
    if (node.anchor !== undefined) {
      anchors.set(node.anchor, node);
    }
    if (isSeq(node)) {
      for (const item of (node as YAMLSeq.Parsed).items) {
        this.link(item, anchors);
      }
    }
    if (isMap(node)) {
      for (const { key, value } of (node as YAMLMap.Parsed).items) {
        this.link(key, anchors);
        this.link(value, anchors);
      }
    }
  }
}

function isMergeKey(key: ParsedNode | null): boolean {
  if (!isScalar(key) || key.value !== "<<") {
    return false;
  }
  return isImplicit(key as Scalar.Parsed) || key.tag === "tag:yaml.org,2002:merge";
}

function scalarValue(scalar: Scalar.Parsed): Value {
  const { kind, text } = resolveScalar(scalar);
  if (kind === "infinite") {
    throw new ValueProblem(scalar.range[0], `${text} is a number that JSON cannot express: put it in quotes`);
  }
  if (kind === "null") {
    return null;
  }
  return kind === "string" || kind === "merge" ? text : new OtherScalar(text);
}

function allowedAliasRatio(decoded: number): number {
  const low = 400_000;
  const high = 4_000_000;
  if (decoded <= low) {
    return 0.99;
  }
  if (decoded >= high) {
    return 0.1;
  }
  return 0.99 - (0.89 * (decoded - low)) / (high - low);
}
