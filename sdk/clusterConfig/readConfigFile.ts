import { resolve } from "node:path";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type ParsedNode,
  visit,
  type YAMLMap,
} from "yaml";
import { AwsAuthError } from "../../provider/errors";
import { errorCode } from "../../provider/text/text";
import { plainValue, readForeignYaml } from "../../provider/yaml/plainYaml";
import { describeReadFailure, readSmallFileSync } from "../../provider/yaml/textFile";
import { describeProblems, type Position } from "../../provider/yaml/yamlErrors";
import { type ConfigSource, configError, type Path } from "./config";

/**
 * Parses the text of an eksctl file.
 *
 * @param name the file's name in messages.
 * @throws AwsAuthError `invalidInput` if it is not YAML, with the line of every error.
 */
export function yamlSource(text: string, name: string): ConfigSource {
  // eksctl reads YAML 1.1, in which `y` is true and a number with a leading zero is octal.
  const { documents, problems, lineOf } = readForeignYaml(text, { version: "1.1" });
  const locate = (offset: number | undefined): string => (offset === undefined ? name : `${name}:${lineOf(offset)}`);
  if (problems.length > 0) {
    const place = ({ line, column }: Position) => `${name}:${line}:${column}`;
    throw configError(`${name} cannot be read as YAML`, describeProblems(text, problems, place));
  }
  const [document, second] = documents;
  if (document === undefined || second !== undefined) {
    throw configError(`${name} cannot be read as YAML`, [
      `${locate(second?.range[0])}: it holds more than one document; keep the ClusterConfig alone`,
    ]);
  }
  spellOut(document);
  return {
    name,
    isFile: true,
    value: plainValue(document),
    locate: (path) => locate(offsetAt(document, path)),
    spelling: (path) => spellingOf(nodeAt(document, path), text),
  };
}

/** The keys whose values are strings. */
const textKeys = new Set<unknown>([
  ...["apiVersion", "kind", "name", "region"],
  ...["arn", "username", "groups", "account", "serviceName", "namespace"],
]);

/**
 * Converts unquoted numbers and booleans to strings, as eksctl does, but only if YAML would write the value exactly as in the file.
 * `111122223333` is converted, `012345678901` and `y` are not.
 */
function spellOut(document: Document): void {
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && textKeys.has(key.value)) {
        for (const node of isSeq(value) ? value.items : [value]) {
          if (isScalar(node) && node.value !== null && String(node.value) === node.source) {
            node.value = node.source;
          }
        }
      }
    },
  });
}

/** An unquoted placeholder in braces parses as a map. */
function spellingOf(node: Node | undefined, text: string): string | undefined {
  if (isMap(node) && node.flow === true && node.range) {
    return text.slice(node.range[0], node.range[1]);
  }
  return isScalar(node) && typeof node.source === "string" ? node.source : undefined;
}

/** The offset of a value or, if the path ends in a key, of the key; if it does not exist, that of the closest part around it. */
function offsetAt(document: Document<ParsedNode>, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const last = path[length - 1];
    const parent = nodeAt(document, path.slice(0, length - 1));
    const child = typeof last === "string" ? keyIn(parent, last) : nodeAt(document, path.slice(0, length));
    if (child?.range) {
      return child.range[0];
    }
  }
  return document.contents?.range[0];
}

function keyIn(parent: Node | undefined, name: string): Node | undefined {
  const key = isMap(parent) ? pairIn(parent, name)?.key : undefined;
  return isNode(key) ? key : undefined;
}

/** A pair of a map, which may have many that are asked for one after another. */
function pairIn(map: YAMLMap, name: string): Pair | undefined {
  const known = pairs.get(map) ?? new Map(map.items.map((pair) => [isScalar(pair.key) ? pair.key.value : pair, pair]));
  pairs.set(map, known);
  return known.get(name);
}

const pairs = new WeakMap<YAMLMap, ReadonlyMap<unknown, Pair>>();

function nodeAt(document: Document<ParsedNode>, path: Path): Node | undefined {
  let node = resolved(document, document.contents);
  for (const step of path) {
    const child = isMap(node) ? pairIn(node, String(step))?.value : isSeq(node) ? node.get(step, true) : undefined;
    node = resolved(document, child);
  }
  return node;
}

/** The node that an alias refers to. */
function resolved(document: Document, node: unknown): Node | undefined {
  return isAlias(node) ? node.resolve(document) : isNode(node) ? node : undefined;
}

/**
 * Reads an eksctl file.
 *
 * @param path relative to the working directory, which is the Pulumi program's.
 * @throws AwsAuthError `invalidInput` if there is no such file, or if it is not YAML.
 */
export function readConfigFile(path: string): ConfigSource {
  return yamlSource(readText(path), path);
}

function readText(path: string): string {
  try {
    return readSmallFileSync(resolve(path)).toString("utf8");
  } catch (error) {
    const code = errorCode(error);
    const why = describeReadFailure(code) ?? code ?? String(error);
    throw new AwsAuthError("invalidInput", `${path} cannot be read: ${why} (looked for ${resolve(path)})`, {
      cause: error,
    });
  }
}
