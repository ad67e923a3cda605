import type { Settings } from "../../provider/cluster";
import { configuredCluster, otherCluster } from "../../provider/cluster/configuredCluster";
import { principalKey, sameGroups } from "../../provider/mapping";
import { isFields } from "../../provider/text/fields";
import { closestOf, describePlaceholder, placeholderIn, quoted } from "../../provider/text/text";
import { type ConfigItem, type ConfigSource, configError, type Finding, formatPath, type Path } from "./config";
import { type ReadMapping, readMapping, readMetadata } from "./readFields";
import { fieldFindings, mappingFindings } from "./rules";

interface PlacedItem {
  readonly item: ConfigItem;
  readonly path: Path;
}

/**
 * Keeps only the last item for each identity. eksctl appends all of them to the map, where the authenticator uses only the last.
 * Mapping only the last one also makes sure that it is the one in force, since resources are written in no particular order.
 *
 * @param locate returns the position of an item.
 * @returns items that all map different identities, problems of those that contradict each other, warnings of those without effect.
 */
function mergeItems(placed: readonly PlacedItem[], locate: (path: Path) => string) {
  const last = new Map<string, PlacedItem>();
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  for (const current of placed) {
    const key = itemKey(current.item);
    const earlier = last.get(key);
    last.set(key, earlier === undefined ? current : { ...current, item: withStricter(current.item, earlier.item) });
    if (earlier?.item.kind !== "identity" || current.item.kind !== "identity") {
      continue;
    }
    const same = isSame(earlier.item, current.item);
    if (!same && (earlier.item.noDuplicateARNs || current.item.noDuplicateARNs)) {
      const reason = `found existing mapping with the same arn ${quoted(current.item.arn)} (${locate(earlier.path)}) and shadowing is disabled; keep one of the two, or set noDuplicateARNs: false on both`;
      problems.push({ path: [...current.path, "arn"], reason });
    } else {
      const why = same ? "says the same" : "counts instead of it";
      const reason = `arn ${quoted(earlier.item.arn)} is mapped again below (${locate(current.path)}), which ${why}; this item is left out`;
      warnings.push({ path: [...earlier.path, "arn"], reason });
    }
  }
  return { items: [...last.values()].map(({ item }) => item), problems, warnings };
}

function itemKey(item: ConfigItem): string {
  switch (item.kind) {
    case "identity":
      return principalKey(item.arn);
    case "account":
      return item.account;
    case "service":
      return `${item.serviceName}/${item.namespace}`;
  }
}

type IdentityItem = Extract<ConfigItem, { kind: "identity" }>;

function isSame(a: IdentityItem, b: IdentityItem): boolean {
  return (a.username ?? "") === (b.username ?? "") && sameGroups(a.groups ?? [], b.groups ?? []);
}

/** The item, with noDuplicateARNs if either of the two has it. */
function withStricter(item: ConfigItem, other: ConfigItem): ConfigItem {
  return "noDuplicateARNs" in item && "noDuplicateARNs" in other
    ? { ...item, noDuplicateARNs: item.noDuplicateARNs || other.noDuplicateARNs }
    : item;
}

/** The maximum number of problems in a message. */
const maxTold = 100;

/** The identity mappings of a ClusterConfig. */
export interface ParsedClusterConfig {
  /**
   * The cluster in its `metadata`, in the account that the stack says, if any; undefined if `metadata` lacks name or region, which are
   * needed only if nothing else names the cluster.
   */
  readonly cluster: { readonly name: string; readonly region: string; readonly account?: string } | undefined;
  /** Its items in order, one for each identity. */
  readonly items: readonly ConfigItem[];
  /** Accepted input that is probably a mistake, one line each with its position. */
  readonly warnings: readonly string[];
}

/**
 * Validates a ClusterConfig and returns its mappings. Unknown keys are errors in `metadata` and in the items. Other sections are
 * ignored.
 *
 * @param settings the stack's, which may name a cluster too; undefined if the program names it.
 * @throws AwsAuthError `invalidInput` with every problem and its line, or `clusterNotNamed` if the stack names several clusters.
 */
export function parseClusterConfig(source: ConfigSource, settings: Settings | undefined): ParsedClusterConfig {
  const { value, name } = source;
  if (!isFields(value)) {
    const what = value === null || value === undefined ? "is empty" : "is not a mapping of keys to values";
    throw configError(`${name} is not an eksctl ClusterConfig`, [`${source.locate([])}: it ${what}`]);
  }
  const root = new Map<string, unknown>(Object.entries(value));
  const metadata = readCluster(root.get("metadata"), source, settings);
  const mappings = readMappings(root, source);
  const problems = [...headerFindings(root, source), ...metadata.problems, ...mappings.problems];
  const line = ({ path, reason }: Finding): string =>
    `${source.locate(path)}: ${path.length < 2 ? "" : `${formatPath(path)}: `}${reason}`;
  const more = problems.length - maxTold;
  if (problems.length > 0) {
    throw configError(`${name} has ${problems.length === 1 ? "an error" : `${problems.length} errors`}`, [
      ...problems.slice(0, maxTold).map(line),
      ...(more > 0 ? [`and ${more} more`] : []),
    ]);
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

function readCluster(given: unknown, source: ConfigSource, settings: Settings | undefined) {
  const cluster = undefined;
  const configured = settings && configuredCluster(settings);
  const isNeeded = settings !== undefined && configured === undefined;
  if (given === undefined || given === null) {
    const reason = "metadata must be set: name and region of the cluster";
    return { cluster, problems: isNeeded ? [{ path: [], reason }] : [] };
  }
  const { value, problems } = readMetadata(given, source);
  if (problems.length > 0) {
    return { cluster, problems };
  }
  const { name, region } = value;
  const found = (["name", "region"] as const).flatMap((key): Finding[] => {
    const given = value[key];
    if (given === undefined) {
      return isNeeded ? [{ path: ["metadata"], reason: `metadata.${key} must be set` }] : [];
    }
    const placeholder = settings && placeholderIn(given);
    return placeholder === undefined
      ? []
      : [{ path: ["metadata", key], reason: describePlaceholder(`${key} ${quoted(given)}`, placeholder) }];
  });
  const other = found.length === 0 && settings && configured && otherCluster(configured, value, settings);
  if (other) {
    const own = [
      ...(name === undefined ? [] : [`EKS cluster ${quoted(name)}`]),
      ...(region === undefined ? [] : [region]),
    ];
    const reason = `metadata names ${own.join(" in ")}, but stack configuration names ${other}; set cluster on the component to the one that is meant, or remove metadata or the setting`;
    found.push({ path: ["metadata"], reason });
  }
  // The stack may name it by its ARN, and another account may have one of this name.
  const account = configured?.input.kind === "eks" ? configured.input.account : undefined;
  const known =
    name === undefined || region === undefined
      ? undefined
      : { name, region, ...(account !== undefined && { account }) };
  return { cluster: known, problems: found };
}

function readMappings(root: ReadonlyMap<string, unknown>, source: ConfigSource) {
  const given = root.get(mappingsKey);
  const nothing = { items: [], warnings: [], problems: [] };
  if (given === undefined || given === null) {
    const misspelt = [...root.keys()].find((key) => key !== mappingsKey && closestOf(key, [mappingsKey]) !== undefined);
    const reason = `unknown key ${quoted(misspelt)}; did you mean ${quoted(mappingsKey)}?`;
    return misspelt === undefined
      ? { ...nothing, warnings: [{ path: [], reason: `there are no ${mappingsKey}, so nothing is mapped` }] }
      : { ...nothing, problems: [{ path: [misspelt], reason }] };
  }
  if (!Array.isArray(given)) {
    return { ...nothing, problems: [{ path: [mappingsKey], reason: `${mappingsKey} is not a list` }] };
  }
  const problems: Finding[] = [];
  const placed: PlacedItem[] = [];
  for (const [index, entry] of given.entries()) {
    const path = [mappingsKey, index];
    const { value, problems: typeProblems } = readMapping(entry, path, source);
    // The combination of keys can be checked only if all of them are readable.
    const found =
      typeProblems.length === 0 ? mappingFindings(value, path) : [...typeProblems, ...fieldFindings(value, path)];
    const item = found.length === 0 ? toItem(value) : undefined;
    placed.push(...(item === undefined ? [] : [{ item, path }]));
    problems.push(...found);
  }
  const merged = mergeItems(placed, (path) => `${source.locate(path)}, ${formatPath(path)}`);
  return { ...merged, problems: [...problems, ...merged.problems] };
}

const mappingsKey = "iamIdentityMappings";

function toItem(given: ReadMapping): ConfigItem | undefined {
  const { arn, username, groups, account, serviceName, namespace, noDuplicateARNs = false } = given;
  if (account !== undefined) {
    return { kind: "account", account };
  }
  if (serviceName !== undefined && namespace !== undefined) {
    return { kind: "service", serviceName, namespace, noDuplicateARNs };
  }
  return arn === undefined ? undefined : { kind: "identity", arn, username, groups, noDuplicateARNs };
}
