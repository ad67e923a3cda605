import { describeContent, type PlacedEntry, placeOf } from "../provider/authenticator";
import type { ClusterRef } from "../provider/cluster";
import { type Mapping, parseIamArn, principalOf } from "../provider/mapping";
import { isKubeconfigContent } from "../provider/text/kubeconfigContent";
import { printable } from "../provider/text/text";
import type { NamedCluster } from "./cluster";
import type { ForeignEntry, ImportedEntry, ImportItem } from "./importPlan";
import { yamlText } from "./yamlText";

const width = 120;

/** Writes the program that takes over the entries. */
export function renderProgram(items: readonly ImportItem[], cluster: NamedCluster, label: string): string {
  const imported = items.filter((item) => item.kind === "imported");
  const given = nameResources(imported.map(({ mapping }) => mapping));
  const names = new Map(imported.map((item, index) => [item, given[index]]));
  const blocks = items.map((item) => {
    if (item.kind === "foreign") {
      return comment("//", describeForeign(item));
    }
    const name = names.get(item) ?? "";
    return [
      ...item.remarks.map((remark) => comment("//", remark)),
      resource(name, item.mapping, item.hasDuplicates),
    ].join("\n");
  });
  const opening = [
    comment("//", origin(label)),
    comment("//", '"pulumi up" imports the entries as they are, and writes only its claims on them.'),
    'import * as awsAuth from "pulumi-aws-auth";',
  ].join("\n");
  const declaration = `const cluster = ${clusterLiteral(cluster)};`;
  return `${[opening, ...(imported.length > 0 ? [declaration] : []), ...blocks].join("\n\n")}\n`;
}

/** A string as a JavaScript literal, with invisible characters escaped. */
export function literal(text: string): string {
  return printable(JSON.stringify(text));
}

function resource(name: string, mapping: Mapping, hasDuplicates: boolean): string {
  const fields = Object.entries(fieldsOf(mapping)).map(([key, value]) => {
    return `${key}: ${typeof value === "string" ? literal(value) : list(value)}`;
  });
  const all = ["cluster", ...fields, ...(hasDuplicates ? ["noDuplicateARNs: false"] : [])];
  return `new awsAuth.IdentityMapping(${literal(name)}, ${objectLiteral(all)});`;
}

/** The fields of a mapping that are not empty. */
function fieldsOf(mapping: Mapping): Readonly<Record<string, string | readonly string[]>> {
  if (mapping.kind === "account") {
    return { account: mapping.account };
  }
  const { arn, username, groups } = mapping;
  return { arn, ...(username && { username }), ...(groups.length > 0 && { groups }) };
}

/** Fields as a JavaScript literal, one a line. */
export function objectLiteral(fields: readonly string[]): string {
  return `{\n${fields.map((field) => `  ${field},\n`).join("")}}`;
}

/** Strings as a JavaScript literal in an object, on as few lines as fit. */
export function list(texts: readonly string[]): string {
  const oneLine = `[${texts.map(literal).join(", ")}]`;
  return oneLine.length <= width - "  kubernetesGroups: ,".length
    ? oneLine
    : `[\n${texts.map((text) => `    ${literal(text)},\n`).join("")}  ]`;
}

/** The content of a kubeconfig is secret, and the program is not. */
const ofEnvironment = 'process.env["AWS_AUTH_KUBECONFIG"] ?? ""';

function clusterLiteral(cluster: NamedCluster): string {
  const fields = Object.entries(cluster);
  if ("name" in cluster && fields.length === 1) {
    return literal(cluster.name);
  }
  return `{ ${fields.map(([name, value]) => `${name}: ${isKubeconfigContent(value) ? ofEnvironment : literal(value)}`).join(", ")} }`;
}

/**
 * Names resources after what they map: the name of the role or user, or `account-111122223333`. To make names unique, adds the
 * kind, the account and the partition, and a number for several entries of one identity. A name does not depend on the position of
 * the entry among entries of other identities.
 *
 * @returns a name for each mapping, unique in any letter case.
 */
export function nameResources(mappings: readonly Mapping[]): readonly string[] {
  const parts = mappings.map(partsOf);
  // What follows each beginning of the parts.
  const next = new Map<string, Set<string>>();
  for (const own of parts) {
    for (const [beginning, part] of beginningsOf(own)) {
      next.set(beginning, (next.get(beginning) ?? new Set()).add(part));
    }
  }
  const used = new Map<string, number>();
  return parts.map((own) => {
    // Parts are added one by one until the name is unique.
    const needed = beginningsOf(own).filter(([beginning]) => (next.get(beginning)?.size ?? 0) > 1);
    return unusedName([own[0], ...needed.map(([, part]) => part)].join("-"), used);
  });
}

/** The parts that may be added to a name, each with all that is before it. */
function beginningsOf([base, ...more]: NameParts): (readonly [beginning: string, part: string])[] {
  const all = [base.toLowerCase(), ...more];
  return more.map((part, index) => [all.slice(0, index + 1).join("\n"), part]);
}

type NameParts = readonly [base: string, kind: string, account: string, partition: string];

function partsOf(mapping: Mapping): NameParts {
  if (mapping.kind === "account") {
    return [`account-${mapping.account}`, "account", mapping.account, ""];
  }
  const arn = parseIamArn(mapping.arn);
  return arn.kind === "invalid"
    ? [principalOf(mapping), mapping.kind, "", ""]
    : [arn.name, arn.kind, arn.account, arn.partition];
}

/**
 * A name with a number behind it where others have taken it.
 *
 * @param used names in lower case, with the number that is tried next for each.
 */
export function unusedName(name: string, used: Map<string, number>, sign = "-"): string {
  const key = name.toLowerCase();
  let number = used.get(key);
  if (number === undefined) {
    used.set(key, 2);
    return name;
  }
  while (used.has(`${key}${sign}${number}`)) {
    number++;
  }
  used.set(key, number + 1).set(`${key}${sign}${number}`, 2);
  return `${name}${sign}${number}`;
}

/** Writes an eksctl ClusterConfig with the entries, for `IdentityMappings` or for eksctl itself. */
export function renderClusterConfig(items: readonly ImportItem[], cluster: ClusterRef, label: string): string {
  const opening = [
    comment("#", origin(label)),
    "apiVersion: eksctl.io/v1alpha5",
    "kind: ClusterConfig",
    "metadata:",
    ...metadata(cluster),
  ];
  // Of several items for one identity only the last counts.
  const shown = items.map((item) => unlessShadowed(item, item.kind === "foreign" ? undefined : item.shadowedBy));
  const isEmpty = !shown.some(({ kind }) => kind === "imported");
  const lines = shown.flatMap((item) => {
    if (item.kind === "foreign") {
      return [comment("#", describeForeign(item))];
    }
    return [...item.remarks.map((remark) => comment("#", remark)), yamlText([itemOf(item)]).trimEnd()];
  });
  return `${[...opening, `iamIdentityMappings:${isEmpty ? " []" : ""}`, ...lines].join("\n")}\n`;
}

function metadata(cluster: ClusterRef): string[] {
  if (cluster.kind === "eks") {
    return [`  name: ${yamlText(cluster.name).trimEnd()}`, `  region: ${cluster.region}`];
  }
  return [
    comment("  #", "Replace this with the name of the EKS cluster, which is not known here."),
    "  name: CHANGE-ME",
  ];
}

/** An entry in eksctl's format. Without noDuplicateARNs, eksctl would append an entry that exists already. */
function itemOf({ placed, mapping, hasDuplicates }: ImportedEntry): object {
  if (mapping.kind === "account") {
    return fieldsOf(mapping);
  }
  const arn = placed.entry.arn ?? mapping.arn;
  return { ...fieldsOf(mapping), arn, ...(!hasDuplicates && { noDuplicateARNs: true }) };
}

/** Leaves an entry as it is if another one counts instead. */
export function unlessShadowed(item: ImportItem, counting: PlacedEntry | undefined): ImportItem {
  return item.kind === "foreign" || counting === undefined
    ? item
    : { kind: "foreign", placed: item.placed, reason: `It has no effect: ${placeOf(counting)} shadows it.` };
}

/** Describes an unmanaged entry: its position, its content, and the reason. */
export function describeForeign({ placed, reason }: ForeignEntry): string {
  const { entry } = placed;
  const subject = entry.arn ?? entry.account ?? entry.sso?.permissionSetName;
  const named = subject === undefined ? "" : ` ${JSON.stringify(subject)}`;
  return `Left as it is: ${placeOf(placed)}${named}, ${describeContent(entry)}. ${reason}`;
}

/** The first line of either text. */
function origin(label: string): string {
  return `Every entry of kube-system/aws-auth in ${label}, as "pulumi-aws-auth import" found it.`;
}

/** A comment. */
export function comment(mark: string, text: string): string {
  return `${mark} ${printable(text)}`;
}
