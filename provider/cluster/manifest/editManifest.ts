import { isDeepStrictEqual } from "node:util";
import { Composer, CST, Document, isMap, isNode, isScalar, type Pair, Parser, Scalar, type YAMLMap } from "yaml";
import type { KeyPlace, MapChanges } from "../../awsAuthMap";
import { claimsAnnotation } from "../../claims";
import { AwsAuthError } from "../../errors";
import { fieldsOf, isFields, listOf } from "../../text/fields";
import { readForeignYaml } from "../../yaml";

export interface Manifest {
  readonly data: Readonly<Record<string, string>>;
  readonly claims: string | undefined;
  /** All other content of the file, in a comparable form. */
  readonly rest: string;
  readonly places: Readonly<Record<string, KeyPlace>>;
}

const wantedConfigMap = "a ConfigMap named aws-auth in namespace kube-system";

/** A manifest without data, in the layout of `kubectl get -o yaml`. */
const newManifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";

/** Finds the ConfigMap among the documents of a manifest; undefined for a file without any document. */
export function parseManifest(text: string, label: string): Manifest | undefined {
  const { documents: read, problem, lineOf } = readForeignYaml(text);
  if (problem !== undefined) {
    const { line, column, reason } = problem;
    throw notConfigMap(label, `is not valid YAML; line ${line}, column ${column}: ${reason}`);
  }
  const [found, ...more] = read.filter(({ value }) => isAwsAuth(value));
  if (more.length > 0) {
    throw notConfigMap(label, `contains ${wantedConfigMap} ${more.length + 1} times; keep one of them`);
  }
  if (found === undefined || !isMap(found.document.contents)) {
    if (read.some(({ value }) => listOf(fieldsOf(value)["items"]).some(isAwsAuth))) {
      throw notConfigMap(label, `contains ${wantedConfigMap} only in a List; move it to a document of its own`);
    }
    if (read.some(({ value }) => value !== null)) {
      throw notConfigMap(label, `does not contain ${wantedConfigMap}`);
    }
    return undefined;
  }
  const root = found.document.contents;
  const { data, metadata, ...others } = fieldsOf(found.value);
  const { annotations, ...named } = fieldsOf(metadata);
  const { [claimsAnnotation]: claims, ...foreign } = fieldsOf(annotations);
  const own = { ...others, metadata: { ...named, annotations: foreign } };
  return {
    data: manifestData(data, label),
    claims: typeof claims === "string" ? claims : undefined,
    rest: JSON.stringify(read.map(({ value }) => (value === found.value ? own : value))),
    places: keyPlaces(text, root, lineOf),
  };
}

function isAwsAuth(value: unknown): boolean {
  const { kind, metadata } = fieldsOf(value);
  // Many manifests omit the namespace, for `kubectl apply -n kube-system`.
  const { name, namespace = "kube-system" } = fieldsOf(metadata);
  return kind === "ConfigMap" && name === "aws-auth" && namespace === "kube-system";
}

function manifestData(data: unknown, label: string): Record<string, string> {
  if (data !== undefined && data !== null && !isFields(data)) {
    throw notConfigMap(label, "has data that does not map keys to strings");
  }
  return Object.fromEntries(
    Object.entries(fieldsOf(data)).map(([key, value]) => {
      // Kubernetes treats null as an empty string, and rejects other types.
      if (typeof value !== "string" && value !== null) {
        throw notConfigMap(label, `has data.${key} that is not a string; write it as a block literal ("${key}: |")`);
      }
      return [key, value ?? ""];
    }),
  );
}

/** Only in a block literal do lines of the value correspond to lines of the file; other styles get the position of the value. */
function keyPlaces(text: string, root: YAMLMap, lineOf: (offset: number) => number): Record<string, KeyPlace> {
  const lines = text.split("\n");
  const data = root.get("data");
  const placeOf = (line: number, { type, value }: Scalar<string>): KeyPlace => {
    const indentation = (some: readonly string[]) => some.find((one) => one.trim() !== "")?.search(/\S/) ?? -1;
    return type === "BLOCK_LITERAL"
      ? { line: line + 1, column: indentation(lines.slice(line)) - indentation(value.split("\n")) + 1 }
      : { line, column: 1, isOneLine: true };
  };
  const places = (isMap(data) ? data.items : []).flatMap(({ key, value }) =>
    isScalar(key) && isScalar<string>(value) && value.range
      ? [[String(key.value), placeOf(lineOf(value.range[0]), value)]]
      : [],
  );
  return Object.fromEntries(places);
}

/**
 * Sets data keys and the claims of the ConfigMap in a manifest. The value of an existing key is replaced in the tokens
 * of the file, and a new key is added as lines, so that all other bytes are unchanged.
 */
export function editManifest(text: string, changes: MapChanges, label: string): string {
  const before = parseManifest(text, label);
  const data = Object.fromEntries(
    Object.entries(changes.data).map(([key, value]) => [key, withEndOf(before?.data[key] ?? "", value)]),
  );
  const claimsPath = ["metadata", "annotations", claimsAnnotation];
  const values = [
    ...Object.entries(data).map(([key, value]) => ({ path: ["data", key], value })),
    ...(changes.claims === undefined ? [] : [{ path: claimsPath, value: changes.claims }]),
  ];
  let edited = before === undefined ? `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${newManifest}` : text;
  for (const { path, value } of values) {
    edited = withKey(edited, path, value);
  }
  if (text.includes("\r\n")) {
    edited = edited.replace(/\r?\n/g, "\r\n");
  }
  const after = parseManifest(edited, label);
  if (after === undefined || !isExact(after, { ...changes, data }, before)) {
    const names = values.map(({ path }) => path.join("."));
    throw notConfigMap(
      label,
      `cannot be edited without changing content other than ${names.join(", ")}; write the manifest and the key in block style, without braces, anchors, aliases and tags`,
    );
  }
  return edited;
}

/**
 * Removes blank lines at the end of a value, unless it already had some. They would need the block header `|+`, which includes the blank
 * lines of the file after the block.
 */
function withEndOf(before: string, value: string): string {
  const hasBlankEnd = (text: string) => text.slice(text.trimEnd().length).split("\n").length > 2;
  return hasBlankEnd(value) && !hasBlankEnd(before) ? `${value.trimEnd()}\n` : value;
}

/** Sets one value. Only the lines of its key change. Null removes the key, and its section if that becomes empty. */
function withKey(text: string, path: readonly string[], value: string | null): string {
  const tokens = [...new Parser().parse(text)];
  const documents = [...new Composer({ keepSourceTokens: true }).compose(tokens)];
  const root = documents.find((one) => isAwsAuth(one.toJS()))?.contents;
  if (value === null) {
    return withoutKey(text, root, path);
  }
  const node = isMap(root) ? root.getIn(path, true) : undefined;
  const section = isMap(root) ? root.getIn(path.slice(0, -1)) : undefined;
  const token = isScalar(node) ? node.srcToken : undefined;
  if (token === undefined || !isMap(section)) {
    return withNewKey(text, root, path, value);
  }
  const isBlock = section.flow !== true && isInLines(path, value);
  CST.setScalarValue(token, value, {
    afterKey: true,
    inFlow: section.flow === true,
    ...(isBlock && { type: "BLOCK_LITERAL" }),
  });
  return tokens.map((one) => CST.stringify(one)).join("");
}

/** Adds a key at the end of its section. Rewrites a missing or empty section. */
function withNewKey(text: string, map: unknown, [key = "", ...rest]: readonly string[], value: string): string {
  const pair = pairOf(map, key);
  if (rest.length > 0 && isMap(pair?.value) && pair.value.items.length > 0) {
    return withNewKey(text, pair.value, rest, value);
  }
  if (!isMap(map) || map.flow === true || map.items[0] === undefined) {
    return text;
  }
  const [first, last] = [rangeOf(text, map.items[0]), rangeOf(text, pair ?? map.items.at(-1))];
  const scalar = new Scalar(value);
  scalar.type = isInLines([key, ...rest], value) ? "BLOCK_LITERAL" : "QUOTE_DOUBLE";
  const content = [...rest].reduceRight<unknown>((inner, name) => ({ [name]: inner }), scalar);
  const lines = new Document({ [key]: content }).toString({ lineWidth: 0 });
  const indented = lines.replace(/^(?=.)/gm, " ".repeat(first.column));
  const before = pair === undefined ? text.slice(0, last.end) : text.slice(0, last.start);
  return `${before}${before === "" || before.endsWith("\n") ? "" : "\n"}${indented}${text.slice(last.end)}`;
}

function withoutKey(text: string, map: unknown, [key = "", ...rest]: readonly string[]): string {
  const pair = pairOf(map, key);
  const isOther = rest[0] !== undefined && pairOf(pair?.value, rest[0]) === undefined;
  if (pair === undefined || isOther || (isMap(map) && map.flow === true)) {
    return text;
  }
  if (isMap(pair.value) && pair.value.items.length > 1) {
    return withoutKey(text, pair.value, rest);
  }
  const { start, end } = rangeOf(text, pair);
  return text.slice(0, start) + text.slice(end);
}

function pairOf(map: unknown, key: string): Pair | undefined {
  return isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
}

function rangeOf(text: string, pair: Pair | undefined) {
  const from = (isNode(pair?.key) && pair.key.range?.[0]) || 0;
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const to = (isNode(pair?.value) && pair.value.range?.[1]) || from;
  const next = text[to - 1] === "\n" ? to : text.indexOf("\n", to) + 1;
  return { start, column: from - start, end: next === 0 ? text.length : next };
}

/** Claims are always written as lines, so that a diff of the file shows each one. */
function isInLines(path: readonly string[], value: string): boolean {
  return value.includes("\n") || path.at(-1) === claimsAnnotation;
}

function isExact({ data, claims, rest }: Manifest, changes: MapChanges, before: Manifest | undefined): boolean {
  const wanted = {
    data: { ...before?.data, ...changes.data },
    claims: changes.claims === undefined ? before?.claims : (changes.claims ?? undefined),
    rest: before?.rest ?? rest,
  };
  return isDeepStrictEqual({ data, claims, rest }, wanted);
}

function notConfigMap(label: string, problem: string): AwsAuthError {
  return new AwsAuthError("notConfigMap", `${label} ${problem}`);
}
