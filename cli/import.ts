import {
  describeContent,
  describeOwners,
  ownersOf,
  type PlacedEntry,
  placedEntries,
  placeOf,
} from "../provider/authenticator";
import {
  type AwsAuthMap,
  assertReadable,
  dataKeys,
  droppedBecause,
  entryInForce,
  entryMapping,
  isSso,
  type MapEntry,
} from "../provider/awsAuthMap";
import type { ClusterRef, Settings } from "../provider/cluster";
import { hasRolePath, hiddenTexts, type Mapping, validateMapping } from "../provider/mapping";
import { isKubeconfigContent } from "../provider/text/kubeconfigContent";
import { quoted } from "../provider/text/text";
import type { ConfigItem } from "../sdk/clusterConfig";
import { type ClusterOptions, type NamedCluster, resolveNamed, tellOf } from "./cluster";
import { type ImportFormat, type ImportItem, type ImportSource, renderImport } from "./importProgram";
import { CommandFailure, type ExitCode, exitCode, type Terminal, tell } from "./output";

/** The options of `import`. */
interface ImportOptions extends ClusterOptions {
  readonly from?: string;
  readonly output: ImportFormat;
}

/**
 * `import`: prints a program or a file for `pulumi import` that takes over the live map, or the mappings of an eksctl file.
 *
 * @throws CommandFailure or AwsAuthError if the map or the file cannot be read, or has what the output cannot express.
 */
export async function runImport(terminal: Terminal, options: ImportOptions): Promise<ExitCode> {
  const { from, output, ...cluster } = options;
  const source = from === undefined ? await liveSource(cluster, terminal) : await fileSource(from, cluster, terminal);
  terminal.out(renderImport(source, output));
  const left = source.items.flatMap((item) => (item.kind === "left" ? item.text : []));
  tell("note", output === "pulumi-import" ? left : [], terminal);
  return exitCode.done;
}

async function liveSource(options: ClusterOptions, terminal: Terminal): Promise<ImportSource> {
  const { named, ref, settings } = await resolveNamed(options);
  const { accountOf, openMap, withAccount } = await import("../provider/cluster/index.js");
  const open = await openMap(ref, settings);
  const map = await open.read();
  await tellOf(ref, map, terminal);
  const { document, label } = map;
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  return {
    label: `kube-system/aws-auth in ${label}`,
    cluster: await inFull(named, withAccount(ref, await open.account(accountOf(ref))), settings),
    items: itemsIn(document),
  };
}

/** Every entry of a map, of several for one principal only the one in force as a mapping. */
export function itemsIn(document: AwsAuthMap): readonly ImportItem[] {
  const all = placedEntries(document);
  const byPrincipal = Map.groupBy(
    all.filter(({ entry }) => !isSso(entry)),
    ({ entry }) => subjectOf(entry),
  );
  const inForce = new Map<PlacedEntry, PlacedEntry>();
  for (const alike of byPrincipal.values()) {
    const winner = entryInForce(alike.map(({ entry }) => entry));
    const placed = alike.find(({ entry }) => entry === winner);
    for (const one of alike) {
      inForce.set(one, placed ?? one);
    }
  }
  return all.map((placed) => {
    const counting = inForce.get(placed) ?? placed;
    const mapping =
      counting === placed
        ? expressible(placed.entry)
        : `${placeOf(counting)} is in force for this identity, and adopt: true of its resource removes this entry`;
    return typeof mapping === "string"
      ? { kind: "left", text: `not imported: ${describeEntry(placed)}: ${mapping}` }
      : {
          kind: "mapping",
          mapping,
          owners: describeOwners(ownersOf(document, placed.entry)),
          isOneOfSeveral: (byPrincipal.get(subjectOf(placed.entry))?.length ?? 0) > 1,
        };
  });
}

/** The same for all entries of one identity; an account and an invalid ARN may have the same text. */
function subjectOf({ key, principal }: MapEntry): string {
  return `${key === "mapAccounts"} ${principal}`;
}

function describeEntry(placed: PlacedEntry): string {
  const { arn, account, sso } = placed.entry;
  const subject = arn ?? account ?? sso?.permissionSetName;
  return `${placeOf(placed)}${subject === undefined ? "" : ` ${quoted(subject)}`}, ${describeContent(placed.entry)}`;
}

/** The mapping that a resource declares for an entry, or why none can. */
function expressible(entry: MapEntry): Mapping | string {
  if (isSso(entry)) {
    return "a resource cannot name the permission set of an entry with sso";
  }
  const given = entryMapping(entry);
  if (given === undefined) {
    return `no identity matches it: ${droppedBecause(entry) ?? "it has no ARN and no account"}`;
  }
  if (entry.arn !== undefined && hasRolePath(entry.arn)) {
    return "the ARN has the role's path, so no session matches it; remove the entry, or declare the role without the path and with adopt: true";
  }
  return declarable(given);
}

/** The mapping, normalized, or why a resource refuses it. */
function declarable({ kind: _kind, ...fields }: Mapping): Mapping | string {
  const { mapping, problems } = validateMapping(fields, () => false);
  if (mapping === undefined) {
    return problems.map(({ reason }) => reason).join("; ");
  }
  const [hidden] = hiddenTexts(mapping);
  return hidden === undefined ? mapping : `${quoted(hidden)} has characters that cannot be seen`;
}

/** Names the cluster in full, since the program may run in another environment; not by the content of a kubeconfig, which is secret. */
async function inFull(named: NamedCluster, ref: ClusterRef, settings: Settings): Promise<NamedCluster | undefined> {
  if (named.name !== undefined) {
    return ref.kind === "eks" && ref.name === named.name
      ? { ...named, region: ref.region, ...(ref.account !== undefined && { account: ref.account }) }
      : named;
  }
  if (ref.kind !== "kubeconfig") {
    return named;
  }
  if (named.kubeconfig !== undefined && isKubeconfigContent(named.kubeconfig)) {
    return undefined;
  }
  const { locateServer } = await import("../provider/cluster/kubeconfig/locate.js");
  return { ...named, context: (await locateServer(ref.server, ref, settings)).context };
}

async function fileSource(file: string, cluster: ClusterOptions, terminal: Terminal): Promise<ImportSource> {
  const [stray] = Object.keys(cluster);
  if (stray !== undefined) {
    throw new CommandFailure(
      `--from ${quoted(file)} reads no cluster; remove --${stray === "roleArn" ? "role-arn" : stray}`,
    );
  }
  const { parseClusterConfig, readConfigFile, serviceOf } = await import("../sdk/clusterConfig/index.js");
  const { cluster: named, items } = parseClusterConfig(readConfigFile(file), undefined);
  const service = serviceOf(items);
  const mappings = items.flatMap((item) => (item.kind === "service" ? [] : [itemOf(item, file, terminal)]));
  return {
    label: file,
    cluster: named,
    items: [...mappings, ...(service === undefined ? [] : [{ kind: "service", ...service } as const])],
  };
}

function itemOf(item: Exclude<ConfigItem, { kind: "service" }>, file: string, terminal: Terminal): ImportItem {
  const { kind: _kind, ...fields } = item;
  const { mapping, problems, pathWarning } = validateMapping(fields, () => false);
  if (mapping === undefined) {
    throw new CommandFailure(`${file}: ${problems.map(({ reason }) => reason).join("; ")}`);
  }
  tell("warning", pathWarning === undefined ? [] : [pathWarning], terminal);
  return { kind: "mapping", mapping, owners: "", isOneOfSeveral: false };
}
