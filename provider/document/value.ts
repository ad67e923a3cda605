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
import { type ScalarKind, scalarKind } from "./scalar";

/** A scalar that is neither a string nor null to the authenticator: a number or a boolean, which no field takes. */
export class OtherScalar {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** What the authenticator makes of a YAML node before it looks at any field. */
export type Value = string | null | OtherScalar | readonly Value[] | ReadonlyMap<string, Value>;

/** What makes the authenticator drop a whole key although its YAML is well formed. */
export class ValueFault extends Error {
  /** Offset in the text. */
  readonly offset: number;

  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/**
 * Evaluates nodes as yaml.v2's decoder and the conversion to JSON behind it do: aliases are followed, merge keys applied in the order
 * in which they stand, and of a repeated key the last one counts.
 */
export class Evaluator {
  private readonly targets = new Map<ParsedNode, ParsedNode | undefined>();
  private readonly open = new Set<ParsedNode>();
  private decoded = 0;
  private aliased = 0;
  private aliasDepth = 0;

  /** @param root the whole document's content, in which aliases find their anchors. */
  constructor(root: ParsedNode | null, isLinked: boolean) {
    if (root !== null && isLinked) this.link(root, new Map());
  }

  /**
   * The value of a node.
   *
   * @throws ValueFault where the authenticator would drop the key.
   */
  valueOf(node: ParsedNode | null): Value {
    if (node === null) return null;
    this.count(node);
    if (isAlias(node)) return this.follow(node, (target) => this.valueOf(target));
    if (isScalar(node)) return scalarValue(node);
    if (isSeq(node)) return (node as YAMLSeq.Parsed).items.map((item) => this.valueOf(item));
    const fields = new Map<string, Value>();
    this.collect(node as YAMLMap.Parsed, fields);
    return fields;
  }

  /** Runs `read` on the node that an alias stands for. */
  follow<T>(alias: ParsedNode, read: (target: ParsedNode) => T): T {
    const target = this.targets.get(alias);
    if (target === undefined)
      throw new ValueFault(alias.range[0], `the alias *${(alias as Alias.Parsed).source} has no anchor`);
    if (this.open.has(alias))
      throw new ValueFault(alias.range[0], `the anchor &${(alias as Alias.Parsed).source} contains itself`);
    this.open.add(alias);
    this.aliasDepth++;
    const result = read(target);
    this.aliasDepth--;
    this.open.delete(alias);
    return result;
  }

  private collect(map: YAMLMap.Parsed, into: Map<string, Value>): void {
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) this.merge(value, into, key);
      else into.set(this.keyText(key), this.valueOf(value));
    }
  }

  private merge(source: ParsedNode | null, into: Map<string, Value>, key: ParsedNode): void {
    if (isSeq(source)) {
      // Backwards, since the earlier of two maps takes precedence.
      for (const item of (source as YAMLSeq.Parsed).items.toReversed()) this.mergeMap(item, into);
    } else this.mergeMap(source ?? key, into);
  }

  private mergeMap(source: ParsedNode, into: Map<string, Value>): void {
    this.count(source);
    const target = isAlias(source) ? this.targets.get(source) : source;
    if (!isMap(target)) throw new ValueFault(source.range[0], "a merge key << takes a map or a list of maps");
    if (isAlias(source)) this.follow(source, (map) => this.collect(map as YAMLMap.Parsed, into));
    else this.collect(target as YAMLMap.Parsed, into);
  }

  private keyText(key: ParsedNode): string {
    this.count(key);
    if (isAlias(key)) return this.follow(key, (target) => this.keyText(target));
    if (!isScalar(key)) throw new ValueFault(key.range[0], "a key is a list or a map");
    const { kind, text } = resolveScalar(key as Scalar.Parsed);
    if (kind === "null") throw new ValueFault(key.range[0], "a key is null");
    if (kind === "unsigned") throw new ValueFault(key.range[0], `the key ${text} is too large a number`);
    // No field has the name of a number or boolean, and no other key may be taken for one.
    return kind === "string" || kind === "merge" ? text : `${text}\0`;
  }

  /** yaml.v2's own bound on what aliases may multiply a text to. */
  private count(node: ParsedNode): void {
    this.decoded++;
    if (this.aliasDepth > 0) this.aliased++;
    if (this.aliased > 100 && this.decoded > 1000 && this.aliased / this.decoded > allowedAliasRatio(this.decoded)) {
      throw new ValueFault(node.range[0], "aliases multiply the text beyond what the authenticator accepts");
    }
  }

  private link(node: ParsedNode | null, anchors: Map<string, ParsedNode>): void {
    if (node === null) return;
    if (isAlias(node)) {
      this.targets.set(node, anchors.get(node.source));
      return;
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isSeq(node)) for (const item of (node as YAMLSeq.Parsed).items) this.link(item, anchors);
    if (isMap(node)) {
      for (const { key, value } of (node as YAMLMap.Parsed).items) {
        this.link(key, anchors);
        this.link(value, anchors);
      }
    }
  }
}

/** Whether two values are the same in every part. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a instanceof OtherScalar) return b instanceof OtherScalar && a.source === b.source;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && sameValue(value, b.get(key) ?? null));
  }
  return false;
}

/** Whether a scalar is left to its reader to type. */
function isImplicit(scalar: Scalar.Parsed): boolean {
  return scalar.tag === undefined && scalar.type === "PLAIN";
}

function isMergeKey(key: ParsedNode | null): boolean {
  if (!isScalar(key) || key.value !== "<<") return false;
  return isImplicit(key as Scalar.Parsed) || key.tag === "tag:yaml.org,2002:merge";
}

/** A scalar, and what its tag or, without one, its look makes of it. */
export interface ResolvedScalar {
  readonly kind: ScalarKind;
  readonly text: string;
}

/**
 * Resolves a scalar as yaml.v2 does.
 *
 * @throws ValueFault where it does not fit its tag.
 */
export function resolveScalar(scalar: Scalar.Parsed): ResolvedScalar {
  const text = typeof scalar.value === "string" ? scalar.value : "";
  const tag = isImplicit(scalar) ? "" : (scalar.tag ?? "tag:yaml.org,2002:str");
  if (tag === "tag:yaml.org,2002:binary") return { kind: "string", text: decodeBinary(scalar, text) };
  const expected = tagKinds[tag];
  if (expected === undefined) return { kind: "string", text };
  const kind = scalarKind(text);
  if (!expected.includes(kind) || (tag.endsWith(":timestamp") && !timestamp.test(text)))
    throw new ValueFault(scalar.range[0], `${JSON.stringify(text)} does not fit its tag`);
  return { kind, text };
}

function scalarValue(scalar: Scalar.Parsed): Value {
  const { kind, text } = resolveScalar(scalar);
  if (kind === "infinite") throw new ValueFault(scalar.range[0], `${text} is a number that JSON cannot express`);
  if (kind === "null") return null;
  return kind === "string" || kind === "merge" ? text : new OtherScalar(text);
}

function decodeBinary(scalar: Scalar.Parsed, text: string): string {
  const digits = text.replace(/[\r\n]/g, "");
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) {
    throw new ValueFault(scalar.range[0], "a !!binary value is not base64");
  }
  return Buffer.from(digits, "base64").toString("utf8");
}

// allowedTimestampFormats in yaml.v2's resolve.go; reading only asks for one under its tag.
const timestamp =
  /^\d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?|[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))?$/;

// Tags that yaml.v2 resolves; any other one leaves a string.
const tagKinds: Readonly<Record<string, readonly ScalarKind[]>> = {
  "": ["string", "null", "bool", "number", "unsigned", "infinite", "merge"],
  "tag:yaml.org,2002:bool": ["bool"],
  "tag:yaml.org,2002:int": ["number", "unsigned"],
  "tag:yaml.org,2002:float": ["number", "unsigned", "infinite"],
  "tag:yaml.org,2002:null": ["null"],
  "tag:yaml.org,2002:timestamp": ["string"],
};

function allowedAliasRatio(decoded: number): number {
  const low = 400_000;
  const high = 4_000_000;
  if (decoded <= low) return 0.99;
  if (decoded >= high) return 0.1;
  return 0.99 - (0.89 * (decoded - low)) / (high - low);
}
