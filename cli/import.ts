import {
  type AwsAuthMap,
  assertReadable,
  droppedBecause,
  effectiveEntries,
  entriesOf,
  entryMapping,
  isEffective,
  type MapEntry,
} from "../provider/awsAuthMap";
import { isKubeconfigContent } from "../provider/cluster/clusterInput";
import type { ClusterRef } from "../provider/cluster/clusterRef";
import { describeProblem } from "../provider/errors";
import { describePlaced, ownersOf, placedEntries, placedEntry, placeOf } from "../provider/identity/placedEntry";
import {
  hasRolePath,
  hiddenTexts,
  isForNodes,
  type Mapping,
  type MappingFields,
  parseIamArn,
  validateMapping,
} from "../provider/mapping";
import { readCluster } from "../provider/reports/readCluster";
import { withoutUnset } from "../provider/text/fields";
import { quoted } from "../provider/text/text";
import { type ConfigItem, itemName, serviceName } from "../sdk/clusterConfig";
import { type ClusterOptions, type NamedCluster, resolveNamed } from "./cluster";
import { type ImportFormat, type ImportItem, type ImportSource, renderImport } from "./importProgram";
import { CommandFailure, type ExitCode, exitCode, type Terminal, tell } from "./output";

interface ImportOptions extends ClusterOptions {
  readonly from?: string;
  readonly output: ImportFormat;
}

/** `import`: prints a program, or a file for `pulumi import`, that takes over the live map or the mappings of an eksctl file. */
export async function runImport(terminal: Terminal, options: ImportOptions): Promise<ExitCode> {
  const { from, output, ...cluster } = options;
  const source = await (from === undefined ? liveSource(cluster, output, terminal) : fileSource(from, terminal));
  terminal.out(renderImport(source, output));
  const left = source.items.flatMap((item) => ("left" in item ? item.left : []));
  tell("note", output === "pulumi-import" ? left : [], terminal);
  return exitCode.done;
}

async function liveSource(options: ClusterOptions, output: ImportFormat, terminal: Terminal): Promise<ImportSource> {
  const resolved = await resolveNamed(options, terminal);
  const { access, label, ref } = await readCluster(resolved.ref, resolved.settings);
  assertReadable(access.document);
  return {
    label: `kube-system/aws-auth in ${label}`,
    cluster: inFull(resolved.named, ref),
    items: importItems(access.document, output),
  };
}

const refusedByImport =
  "its identity has several entries, which pulumi import refuses; declare a mapping with adopt: true to remove the others";

/** All entries of a map; if a principal has several, only the entry in force becomes a mapping. */
export function importItems(document: AwsAuthMap, output: ImportFormat = "typescript"): readonly ImportItem[] {
  const alike = [...Map.groupBy(entriesOf(document), identityKey)];
  const byIdentity = new Map(alike.map(([identity, entries]) => [identity, effectiveEntries(entries)]));
  return placedEntries(document).map((placed) => {
    const { entry } = placed;
    const effective = byIdentity.get(identityKey(entry)) ?? [];
    const isOneOfSeveral = effective.length > 1;
    const winner = isEffective(entry) ? effective.at(-1) : undefined;
    const other = winner === undefined || winner === entry ? undefined : placedEntry(document, winner);
    const declared =
      other === undefined
        ? expressible(entry)
        : `${placeOf(other)} takes precedence for this identity, and adopt: true on its resource removes this entry`;
    const isRefused = typeof declared !== "string" && isOneOfSeveral && output === "pulumi-import";
    const mapping = isRefused ? refusedByImport : declared;
    return typeof mapping === "string"
      ? { left: `not imported: ${describePlaced(placed)}: ${mapping}` }
      : resourceFor(mapping, ownersOf(document, entry).map(quoted).join(" and "), isOneOfSeveral);
  });
}

function resourceFor(mapping: Mapping, owners: string, isOneOfSeveral: boolean): ImportItem {
  // An unclaimed entry for nodes needs `adopt`, since a destroy removes it.
  const { kind, arn, username, groups } = mapping;
  const adopt = (isOneOfSeveral || (isForNodes(mapping) && owners === "")) && { adopt: true };
  const fullName = itemName(kind === "account" ? { kind, account: arn } : { kind: "identity", arn });
  const content = { ...(username && { username }), ...(groups.length > 0 && { groups }) };
  const fields = { ...identityFields(mapping), ...content, ...adopt };
  return { type: "IdentityMapping", name: parseIamArn(arn)?.name ?? fullName, fullName, fields, owners };
}

function identityFields({ kind, arn }: Mapping): Pick<MappingFields, "arn" | "account"> {
  return kind === "account" ? { account: arn } : { arn };
}

/** A key that all entries of one identity share; an account and an invalid ARN may have the same text. */
function identityKey({ key, principal }: MapEntry): string {
  return `${key === "mapAccounts"} ${principal}`;
}

/** The normalized mapping that a resource can declare for an entry, or why there is none. */
function expressible(entry: MapEntry): Mapping | string {
  if (entry.sso !== undefined) {
    return "entries with sso are not supported; map the ARN of the role";
  }
  const given = entryMapping(entry);
  if (given === undefined) {
    return `no identity matches it: ${droppedBecause(entry) ?? "it has no ARN and no account"}`;
  }
  if (hasRolePath(entry.arn ?? "")) {
    return "the ARN has the role's path, so no session matches it; remove the entry, or declare the role without the path to grant it access";
  }
  const { username, groups } = given;
  const { mapping, problems } = validateMapping({ ...identityFields(given), username, groups }, () => false);
  if (mapping === undefined) {
    return problems.map(describeProblem).join("; ");
  }
  const [hidden] = hiddenTexts(mapping);
  return hidden === undefined ? mapping : `${quoted(hidden)} contains invisible characters`;
}

/** Specifies the cluster completely, since the program may run in another environment, but never by the secret content of a kubeconfig. */
function inFull(named: NamedCluster, ref: ClusterRef): NamedCluster | undefined {
  if (ref.kind === "kubeconfig") {
    return isKubeconfigContent(named.kubeconfig ?? "") ? undefined : withoutUnset({ ...named, context: ref.context });
  }
  const { region, account } = ref.kind === "eks" && ref.name === named.name ? ref : {};
  return { ...named, ...withoutUnset({ region, account }) };
}

async function fileSource(file: string, terminal: Terminal): Promise<ImportSource> {
  const { parseClusterConfig, readConfigFile } = await import("../sdk/configFile.js");
  const { cluster: named, mappings, namespaces } = parseClusterConfig(readConfigFile(file), undefined);
  const items = mappings.map((item) => itemOf(item, file, terminal));
  return { label: file, cluster: named, items: namespaces.length === 0 ? items : [...items, componentFor(namespaces)] };
}

function componentFor(namespaces: readonly string[]): ImportItem {
  const fields = { serviceName, namespace: namespaces.length === 1 ? namespaces[0] : namespaces };
  return { type: "ServiceIdentityMapping", name: serviceName, fullName: serviceName, fields, owners: "" };
}

function itemOf(item: Exclude<ConfigItem, { kind: "service" }>, file: string, terminal: Terminal): ImportItem {
  const { kind: _kind, ...fields } = item;
  const { mapping, problems, pathWarning } = validateMapping(fields, () => false);
  if (mapping === undefined) {
    throw new CommandFailure(`${file}: ${problems.map(describeProblem).join("; ")}`);
  }
  tell("warning", pathWarning === undefined ? [] : [pathWarning], terminal);
  return resourceFor(mapping, "", false);
}
