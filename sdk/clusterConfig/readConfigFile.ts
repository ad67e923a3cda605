import { resolve } from "node:path";
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type ParsedNode } from "yaml";
import { AwsAuthError } from "../../provider/errors";
import { errorCode } from "../../provider/text/text";
import { describeReadFailure, readSmallFileSync } from "../../provider/textFile";
import { readForeignYaml } from "../../provider/yaml";
import { type ConfigSource, configError, type Path } from "./config";

/**
 * Parses the text of an eksctl file.
 *
 * @param name the file's name in messages.
 * @throws AwsAuthError `invalidInput` if it is not YAML, with the line of every error.
 */
export function yamlSource(text: string, name: string): ConfigSource {
  // eksctl reads YAML 1.1, in which `y` is true and a number with a leading zero is octal.
  const { documents, problem, lineOf } = readForeignYaml(text, "1.1");
  if (problem !== undefined) {
    throw configError(name, [`${name}:${problem.line}:${problem.column}: ${problem.reason}`]);
  }
  const [only, second] = documents;
  if (only === undefined || second !== undefined) {
    throw configError(name, [`${name}: it holds more than one document; keep the ClusterConfig alone`]);
  }
  const { document, value } = only;
  const locate = (path: Path): string => {
    const offset = offsetAt(document, path);
    return offset === undefined ? name : `${name}:${lineOf(offset)}`;
  };
  return { name, isFile: true, value, locate };
}

/** The offset of a value or, if the path ends in a key, of the key; of the closest part around it if it does not exist. */
function offsetAt(document: Document<ParsedNode>, path: Path): number | undefined {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0];
  for (const step of path) {
    const parent: unknown = isAlias(node) ? node.resolve(document) : node;
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === step) : undefined;
    const child: unknown = isSeq(parent) ? parent.items[Number(step)] : pair?.value;
    const shown = pair === undefined ? child : pair.key;
    offset = (isNode(shown) ? shown.range?.[0] : undefined) ?? offset;
    node = isNode(child) ? child : null;
  }
  return offset;
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
