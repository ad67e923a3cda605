import { resolve } from "node:path";
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type ParsedNode } from "yaml";
import { configuredCluster, otherCluster } from "../provider/cluster/resolveClusterRef";
import type { Settings } from "../provider/cluster/settings";
import { AwsAuthError } from "../provider/errors";
import { duplicatesRefused, principalKey } from "../provider/mapping";
import { describeUnknownKey, type Fields, isFields, textOf, textsOf } from "../provider/text/fields";
import { quoted } from "../provider/text/text";
import { readRequiredFile } from "../provider/textFile";
import { readForeignYaml } from "../provider/yaml";
import { type ConfigItem, serviceProblem } from "./clusterConfig";

/** A ClusterConfig before validation. */
interface ConfigSource {
  /** Its name in messages: the path of the file as given, or `config`. */
  readonly name: string;
  /** Whether it is a complete eksctl file, with `apiVersion` and `kind`. */
  readonly isFile: boolean;
  /** Its content: plain values. */
  readonly value: unknown;
  /** The position of a part, as the start of a message: `cluster.yaml:12`, or only the name. */
  locate(path: Path): string;
}

/** A step from a ClusterConfig's root to a value in it. */
type Path = readonly (string | number)[];

/** A ClusterConfig that a program passes as a value. */
export function valueSource(value: unknown): ConfigSource {
  return { name: "config", isFile: false, value, locate: () => "config" };
}

/** Reads an eksctl file, by a path relative to the working directory, which is that of the Pulumi program. */
export function readConfigFile(path: string): ConfigSource {
  const failure = (reason: string) =>
    new AwsAuthError("invalidInput", `${path} cannot be read: ${reason} (looked for ${resolve(path)})`);
  return yamlSource(readRequiredFile(resolve(path), failure).toString("utf8"), path);
}

export function yamlSource(text: string, name: string): ConfigSource {
  // eksctl reads YAML 1.1, in which `y` is true and a number with a leading zero is octal.
  const { documents, problem, lineOf } = readForeignYaml(text, "1.1");
  if (problem !== undefined) {
    throw configError(name, [`${name}:${problem.line}:${problem.column}: ${problem.reason}`]);
  }
  const [only, second] = documents;
  if (only === undefined || second !== undefined) {
    throw configError(name, [`${name}: it contains more than one document; keep only the ClusterConfig`]);
  }
  const { document, value } = only;
  const locate = (path: Path): string => {
    const offset = offsetAt(document, path);
    return offset === undefined ? name : `${name}:${lineOf(offset)}`;
  };
  return { name, isFile: true, value, locate };
}

/** The offset of a value or, if the path ends in a key, of the key; if it does not exist, of the closest enclosing part. */
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

/** The error for a ClusterConfig, with one line per problem that starts with its position. */
function configError(name: string, problems: readonly string[]): AwsAuthError {
  return new AwsAuthError("invalidInput", [`${name} is not a valid ClusterConfig:`, ...problems].join("\n  "));
}

type Report = (path: Path, reason: string) => void;

/** The maximum number of reported problems, since finding a line searches all keys before it. */
const maxProblems = 100;

/**
 * Parses the mappings of a ClusterConfig, and checks its keys, their types and the cluster. Each mapping checks its own content. Unknown
 * keys are errors in `metadata` and in the items; other sections are ignored.
 *
 * @param settings those of the stack, which may specify a cluster too; undefined if the program specifies it.
 * @returns also the namespaces of the only service, which share one mapping.
 * @throws AwsAuthError `invalidInput` with every problem and its line, or `clusterNotNamed` if the stack specifies several clusters.
 */
export function parseClusterConfig(source: ConfigSource, settings: Settings | undefined) {
  const { name, value, isFile } = source;
  const problems: string[] = [];
  const report: Report = (path, reason) => {
    if (problems.length >= maxProblems) {
      problems[maxProblems] = "and more";
      return;
    }
    problems.push(`${source.locate(path)}: ${path.length < 2 ? "" : `${formatPath(path)}: `}${reason}`);
  };
  if (!isFields(value)) {
    throw configError(name, [`${source.locate([])}: it is not a map of keys to values`]);
  }
  for (const [key, expected] of Object.entries({ apiVersion: "eksctl.io/v1alpha5", kind: "ClusterConfig" })) {
    if (value[key] !== expected && (isFile || value[key] !== undefined)) {
      report([key], `${key} is not ${expected}; write ${key}: ${expected}`);
    }
  }
  const cluster = clusterIn(value["metadata"], settings, report);
  const items = configItemsIn(value["iamIdentityMappings"], source, report);
  if (problems.length > 0) {
    throw configError(name, problems);
  }
  const mappings = items.filter((item) => item.kind !== "service");
  return { cluster, mappings, namespaces: items.flatMap((item) => (item.kind === "service" ? item.namespace : [])) };
}

/** The cluster in `metadata`, in the account of the stack configuration; undefined unless it has name and region. */
function clusterIn(given: unknown, settings: Settings | undefined, report: Report) {
  const path = ["metadata"];
  const fields = checkedFields(given ?? {}, path, metadataTypes, report);
  const [name, region] = [textOf(fields["name"]) || undefined, textOf(fields["region"]) || undefined];
  const configured = settings && configuredCluster(settings);
  const other = settings && configured && otherCluster(configured, { name, region }, settings);
  if (other) {
    const place = region === undefined ? "" : ` in ${region}`;
    const own = name === undefined ? `region ${region}` : `EKS cluster ${quoted(name)}${place}`;
    const remedy = "remove metadata or the setting, or set cluster on the component";
    report(path, `metadata specifies ${own}, but the stack configuration specifies ${other}; ${remedy}`);
  }
  if (name !== undefined && region !== undefined) {
    // Another account may have a cluster of the same name.
    const account = configured?.input.kind === "eks" ? configured.input.account : undefined;
    return { name, region, ...(account !== undefined && { account }) };
  }
  if (settings !== undefined && configured === undefined) {
    report(
      path,
      "no cluster is specified; set name and region in metadata, aws-auth:cluster, or cluster on the component",
    );
  }
  return undefined;
}

function configItemsIn(given: unknown, source: ConfigSource, report: Report): readonly ConfigItem[] {
  const root = ["iamIdentityMappings"];
  if (!Array.isArray(given)) {
    report(root, "iamIdentityMappings is not a list; write iamIdentityMappings: [] to map nothing");
    return [];
  }
  const places = new Map<string, Path>();
  return given.flatMap((entry: unknown, index): ConfigItem[] => {
    const path = [...root, index];
    const item = itemIn(entry, path, report);
    if (item === undefined) {
      return [];
    }
    const key = item.kind === "identity" ? principalKey(item.arn) : JSON.stringify(item);
    const earlier = places.get(key);
    if (earlier !== undefined) {
      const place = `${source.locate(earlier)}, ${formatPath(earlier)}`;
      report(path, `an earlier item (${place}) maps the same identity; keep one of them`);
    }
    places.set(key, path);
    return [item];
  });
}

/** One item; undefined if it has a problem, which is reported. */
function itemIn(given: unknown, path: Path, report: Report): ConfigItem | undefined {
  let isSound = true;
  const reportItem: Report = (...problem) => {
    isSound = false;
    report(...problem);
  };
  const fields = checkedFields(given, path, itemTypes, reportItem);
  const kinds = (["arn", "account", "serviceName"] as const).filter((key) => fields[key] !== undefined);
  const [kind] = kinds;
  if (isSound && (kind === undefined || kinds.length > 1)) {
    const found = kind === undefined ? "none" : "more than one";
    reportItem(path, `${found} of arn, account and serviceName is set; set one`);
  }
  if (!isSound || kind === undefined) {
    return undefined;
  }
  const allowed = [...Object.keys(itemKinds[kind]), "noDuplicateARNs"];
  const stray = Object.keys(fields).filter((key) => !allowed.includes(key));
  for (const key of stray) {
    reportItem([...path, key], `${key} cannot be combined with ${kind}; remove it`);
  }
  if (fields["noDuplicateARNs"] === false) {
    reportItem([...path, "noDuplicateARNs"], duplicatesRefused);
  }
  const [arn, account, serviceName] = [textOf(fields["arn"]), textOf(fields["account"]), textOf(fields["serviceName"])];
  const namespace = textOf(fields["namespace"]);
  if (kind === "serviceName" && (serviceProblem(serviceName) !== undefined || namespace === "")) {
    reportItem(path, serviceProblem(serviceName) ?? "namespace is not set; add the namespace that the service uses");
  }
  if (!isSound) {
    return undefined;
  }
  if (kind !== "arn") {
    return kind === "account" ? { kind, account } : { kind: "service", namespace };
  }
  const { username, groups } = fields;
  return {
    kind: "identity",
    arn,
    ...(username !== undefined && { username: textOf(username) }),
    ...(groups !== undefined && { groups: [...textsOf(groups)] }),
  };
}

type Type = "string" | "list" | "boolean" | "ignored";

const metadataTypes: Readonly<Record<string, Type>> = {
  name: "string",
  region: "string",
  version: "ignored",
  forceUpdateVersion: "ignored",
  rollbackConfig: "ignored",
  tags: "ignored",
  annotations: "ignored",
};

/** The keys of each kind of item, by the key that identifies it. */
const itemKinds = {
  arn: { arn: "string", username: "string", groups: "list" },
  account: { account: "string" },
  serviceName: { serviceName: "string", namespace: "string" },
} as const satisfies Record<string, Readonly<Record<string, Type>>>;

const itemTypes: Readonly<Record<string, Type>> = {
  ...itemKinds.arn,
  ...itemKinds.account,
  ...itemKinds.serviceName,
  noDuplicateARNs: "boolean",
};

/** Returns the fields with a value, and reports unknown keys and wrong types. An empty value is treated as absent, as in eksctl. */
function checkedFields(given: unknown, path: Path, types: Readonly<Record<string, Type>>, report: Report): Fields {
  if (!isFields(given)) {
    report(path, "this is not a map of keys to values");
    return {};
  }
  const set = Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value !== "");
  for (const [key, value] of set) {
    const type = Object.hasOwn(types, key) ? types[key] : undefined;
    if (type === undefined) {
      report([...path, key], describeUnknownKey(key, Object.keys(types)));
    } else if (type === "list" && !(Array.isArray(value) && value.every((item) => typeof item === "string"))) {
      report([...path, key], `${key} ${quoted(value)} is not a list of strings; write [...], with each item in quotes`);
    } else if (type === "string" && typeof value !== "string") {
      report([...path, key], `${key} ${quoted(value)} is not a string; put the intended text in quotes`);
    } else if (type === "boolean" && typeof value !== "boolean") {
      report([...path, key], `${key} ${quoted(value)} is not true or false`);
    }
  }
  return Object.fromEntries(set);
}

/** Formats a path as a program would write it: `iamIdentityMappings[2].arn`. */
function formatPath(path: Path): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`))
    .join("");
}
