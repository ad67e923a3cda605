import { closestOf } from "../../provider/closest";
import { quoted } from "../../provider/cluster/text";
import type { ConfigItem, Finding } from "./config";
import { configError } from "./configError";
import { fieldFindings, mappingFindings, type TypedMapping } from "./mappingRules";
import { mergeItems, type PlacedItem } from "./merge";
import { mappingKeys, mappingSchema, metadataKeys, metadataSchema } from "./schema";
import { type ConfigSource, formatPath } from "./source";
import { typeFindings } from "./typeFindings";

/** What a ClusterConfig says about identity mappings. */
export interface ParsedClusterConfig {
  /** The cluster of its `metadata`; undefined where it does not name one in full. */
  readonly cluster: { readonly name: string; readonly region: string } | undefined;
  /** Its items in their order, one for each identity. */
  readonly items: readonly ConfigItem[];
  /** What is accepted and probably not meant, each a line with its place. */
  readonly warnings: readonly string[];
}

/**
 * Checks a ClusterConfig and takes the mappings out of it. Inside `metadata` and the items every key has to be known; the other
 * sections are none of its business.
 *
 * @param needsCluster whether the cluster has to be named in it.
 * @throws AwsAuthError `invalidInput` with every fault and its line.
 */
export function parseClusterConfig(source: ConfigSource, needsCluster: boolean): ParsedClusterConfig {
  const { value, name } = source;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const what = value === null || value === undefined ? "is empty" : "is not a mapping of keys to values";
    throw configError(`${name} is not an eksctl ClusterConfig`, [`${source.locate([])}: it ${what}`]);
  }
  const root = new Map<string, unknown>(Object.entries(value));
  const metadata = readMetadata(root.get("metadata"), source, needsCluster);
  const mappings = readMappings(root, source);
  const faults = [...headerFindings(root, source), ...metadata.faults, ...mappings.faults];
  const line = ({ path, reason }: Finding): string =>
    `${source.locate(path)}: ${path.length < 2 ? "" : `${formatPath(path)}: `}${reason}`;
  if (faults.length > 0) {
    throw configError(`${name} has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}`, faults.map(line));
  }
  return { cluster: metadata.cluster, items: mappings.items, warnings: mappings.warnings.map(line) };
}

function headerFindings(root: ReadonlyMap<string, unknown>, source: ConfigSource): Finding[] {
  return Object.entries({ apiVersion: "eksctl.io/v1alpha5", kind: "ClusterConfig" }).flatMap(([key, expected]) => {
    const given = root.get(key);
    if (given === expected || (!source.isFile && given === undefined)) {
      return [];
    }
    const reason = given === undefined || given === null ? "must be set" : `${quoted(given)} is not supported`;
    return [{ path: [key], reason: `${key} ${reason}; write ${key}: ${expected}` }];
  });
}

function readMetadata(given: unknown, source: ConfigSource, needsCluster: boolean) {
  const cluster = undefined;
  if (given === undefined || given === null) {
    const reason = "metadata must be set: name and region of the cluster";
    return { cluster, faults: needsCluster ? [{ path: [], reason }] : [] };
  }
  const { data, error } = metadataSchema.safeParse(given);
  const path = ["metadata"];
  if (error !== undefined) {
    return { cluster, faults: typeFindings(error.issues, path, metadataKeys, source) };
  }
  const { name, region } = data;
  const missing = (["name", "region"] as const).filter((key) => needsCluster && !data[key]);
  return {
    cluster: name && region ? { name, region } : undefined,
    faults: missing.map((key) => ({ path, reason: `metadata.${key} must be set` })),
  };
}

function readMappings(root: ReadonlyMap<string, unknown>, source: ConfigSource) {
  const given = root.get(mappingsKey);
  const nothing = { items: [], warnings: [], faults: [] };
  if (given === undefined || given === null) {
    const misspelt = [...root.keys()].find((key) => key !== mappingsKey && closestOf(key, [mappingsKey]) !== undefined);
    const reason = `unknown key ${quoted(misspelt)}; did you mean ${quoted(mappingsKey)}?`;
    return misspelt === undefined
      ? { ...nothing, warnings: [{ path: [], reason: `there are no ${mappingsKey}, so nothing is mapped` }] }
      : { ...nothing, faults: [{ path: [misspelt], reason }] };
  }
  if (!Array.isArray(given)) {
    return { ...nothing, faults: [{ path: [mappingsKey], reason: `${mappingsKey} is not a list` }] };
  }
  const faults: Finding[] = [];
  const placed: PlacedItem[] = [];
  for (const [index, entry] of given.entries()) {
    const path = [mappingsKey, index];
    const { data, error } = mappingSchema.safeParse(entry);
    const typed = data && withoutEmpty(data);
    const found = typed === undefined ? [] : mappingFindings(typed, path);
    if (error !== undefined) {
      const sound = mappingSchema.safeParse(soundPart(entry, error.issues)).data;
      found.push(...typeFindings(error.issues, path, mappingKeys, source));
      found.push(...(sound === undefined ? [] : fieldFindings(withoutEmpty(sound), path)));
    }
    const item = typed && found.length === 0 ? toItem(typed) : undefined;
    placed.push(...(item === undefined ? [] : [{ item, path }]));
    faults.push(...found);
  }
  const merged = mergeItems(placed, (path) => `${source.locate(path)}, ${formatPath(path)}`);
  return { ...merged, faults: [...faults, ...merged.faults] };
}

const mappingsKey = "iamIdentityMappings";

/** The keys of an item that are known and have the right type. */
function soundPart(entry: unknown, issues: readonly { readonly path: readonly PropertyKey[] }[]): unknown {
  const faulty = issues.map(({ path }) => path[0]);
  const isSound = ([key]: [string, unknown]): boolean => mappingKeys.includes(key) && !faulty.includes(key);
  return typeof entry === "object" && entry !== null && Object.fromEntries(Object.entries(entry).filter(isSound));
}

/** eksctl does not tell an empty value from none. */
function withoutEmpty(data: object): TypedMapping {
  return Object.fromEntries(
    Object.entries(data).filter(
      ([, value]) => value !== null && value !== undefined && value !== "" && !isEmptyList(value),
    ),
  );
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function toItem(given: TypedMapping): ConfigItem | undefined {
  const { arn, username, groups, account, serviceName, namespace, noDuplicateARNs = false } = given;
  if (account !== undefined) {
    return { kind: "account", account };
  }
  if (serviceName !== undefined && namespace !== undefined) {
    return { kind: "service", serviceName, namespace, noDuplicateARNs };
  }
  return arn === undefined ? undefined : { kind: "identity", arn, username, groups, noDuplicateARNs };
}
