import { mappingType } from "../provider/lifecycle/context";
import { type Mapping, parseIamArn } from "../provider/mapping";
import { printable } from "../provider/text/text";
import { itemName } from "../sdk/clusterConfig";
import type { NamedCluster } from "./cluster";
import { CommandFailure, renderJson, renderYaml } from "./output";

/** How an import is printed. */
export type ImportFormat = "typescript" | "yaml" | "pulumi-import";

/** What `import` found: a mapping, a service of an eksctl file, or an entry that no resource can express, with the reason. */
export type ImportItem =
  | {
      readonly kind: "mapping";
      readonly mapping: Mapping;
      /** Who claims the entry; empty if no one does. */
      readonly owners: string;
      /** Whether the identity has other entries, which the resource has to adopt. */
      readonly isOneOfSeveral: boolean;
    }
  | { readonly kind: "service"; readonly serviceName: string; readonly namespace: readonly string[] }
  | { readonly kind: "left"; readonly text: string };

/** Everything that an import is printed from. */
export interface ImportSource {
  /** Names the map or the file. */
  readonly label: string;
  /** Undefined: the one in the configuration of the stack. */
  readonly cluster: NamedCluster | undefined;
  readonly items: readonly ImportItem[];
}

/**
 * Prints an import in one of the formats.
 *
 * @throws CommandFailure for a service, which only the SDK has a component for.
 */
export function renderImport(source: ImportSource, output: ImportFormat): string {
  const service = source.items.find((item) => item.kind === "service");
  if (service !== undefined && output !== "typescript") {
    const { serviceName } = service;
    const problem = `serviceName ${serviceName} needs the component ServiceIdentityMapping, which only the SDK for Node.js has; use -o typescript, or remove it and declare its Role, RoleBinding and mapping`;
    throw new CommandFailure(problem);
  }
  const names = nameItems(source.items);
  switch (output) {
    case "typescript":
      return renderTypeScript(source, names);
    case "yaml":
      return renderYamlProgram(source, names);
    case "pulumi-import":
      return renderImportFile(source, names);
  }
}

type Names = ReadonlyMap<ImportItem, string>;

function renderTypeScript({ label, cluster, items }: ImportSource, names: Names): string {
  const opening = [
    ...remarks(label, cluster).map((text) => `// ${text}`),
    'import * as awsAuth from "pulumi-aws-auth";',
  ];
  const blocks = items.map((item) => {
    if (item.kind === "left") {
      return `// ${printable(item.text)}`;
    }
    const type = item.kind === "service" ? "ServiceIdentityMapping" : "IdentityMapping";
    const fields = Object.entries(fieldsOf(item)).map(([key, value]) => `${key}: ${literal(value)}`);
    const lines = [...(cluster === undefined ? [] : ["cluster"]), ...fields].map((field) => `  ${field},\n`);
    return `${claimRemark("// ", item)}new awsAuth.${type}(${literal(names.get(item) ?? "")}, {\n${lines.join("")}});`;
  });
  const declaration = cluster === undefined ? [] : [`const cluster = ${literal(clusterInput(cluster))};`];
  return `${[opening.join("\n"), ...(blocks.length === 0 ? [] : declaration), ...blocks].join("\n\n")}\n`;
}

function renderYamlProgram({ label, cluster, items }: ImportSource, names: Names): string {
  const opening = [...remarks(label, cluster).map((text) => `# ${text}`), "name: aws-auth", "runtime: yaml"];
  const blocks = items.map((item) => {
    if (item.kind === "left") {
      return `  # ${printable(item.text)}\n`;
    }
    const properties = { ...(cluster !== undefined && { cluster: clusterInput(cluster) }), ...fieldsOf(item) };
    const resource = {
      [names.get(item) ?? ""]: { type: "aws-auth:IdentityMapping", properties: uninterpolated(properties) },
    };
    return (claimRemark("# ", item) + renderYaml(resource)).replace(/^(?=.)/gm, "  ");
  });
  const resources = items.every(({ kind }) => kind === "left") ? "resources: {}\n" : "resources:\n";
  return `${opening.join("\n")}\n${resources}${blocks.join("")}`;
}

function renderImportFile({ items }: ImportSource, names: Names): string {
  const resources = items.flatMap((item) => {
    const mapping = item.kind === "mapping" ? item.mapping : undefined;
    const id = mapping?.kind === "account" ? mapping.account : mapping?.arn;
    return id === undefined ? [] : [{ type: mappingType, name: names.get(item), id }];
  });
  return renderJson({ resources });
}

function remarks(label: string, cluster: NamedCluster | undefined): string[] {
  return [
    `The mappings of ${printable(label)}, printed by "pulumi-aws-auth import".`,
    ...(cluster === undefined ? ["The cluster is the one in the configuration of the stack."] : []),
  ];
}

function claimRemark(mark: string, item: ImportItem): string {
  return item.kind === "mapping" && item.owners !== "" ? `${mark}Also managed by ${printable(item.owners)}.\n` : "";
}

/** The fields that are set. */
function fieldsOf(item: Exclude<ImportItem, { kind: "left" }>): Readonly<Record<string, unknown>> {
  if (item.kind === "service") {
    const { serviceName, namespace } = item;
    return { serviceName, namespace: namespace.length === 1 ? namespace[0] : namespace };
  }
  const { mapping, isOneOfSeveral, owners } = item;
  // No resource takes an entry for nodes that nobody claims without being told to, since a destroy removes it.
  const isForNodes = mapping.kind !== "account" && mapping.groups.includes("system:nodes") && owners === "";
  const adopt = (isOneOfSeveral || isForNodes) && { adopt: true };
  if (mapping.kind === "account") {
    return { account: mapping.account, ...adopt };
  }
  const { arn, username, groups } = mapping;
  return { arn, ...(username && { username }), ...(groups.length > 0 && { groups }), ...adopt };
}

/** A name alone where it says everything. */
function clusterInput(cluster: NamedCluster): NamedCluster | string {
  return cluster.name !== undefined && Object.keys(cluster).length === 1 ? cluster.name : cluster;
}

/** A value as a JavaScript literal on one line, with invisible characters escaped. */
function literal(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(literal).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([key, field]) => `${key}: ${literal(field)}`);
    return `{ ${fields.join(", ")} }`;
  }
  return printable(JSON.stringify(value));
}

/** Pulumi YAML reads `${` as the start of a reference. */
function uninterpolated(value: unknown): unknown {
  if (typeof value === "string") {
    return value.replaceAll("${", () => "$${");
  }
  if (Array.isArray(value)) {
    return value.map(uninterpolated);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, field]) => [key, uninterpolated(field)]))
    : value;
}

/** Names each resource after its role or user or, where others have that name, after its whole identity. */
function nameItems(items: readonly ImportItem[]): Names {
  const all = items.flatMap((item) => (item.kind === "left" ? [] : [{ item, ...namesOf(item) }]));
  const byShort = Map.groupBy(all, ({ short }) => short.toLowerCase());
  return new Map(
    all.map(({ item, short, full }) => [item, byShort.get(short.toLowerCase())?.length === 1 ? short : full]),
  );
}

function namesOf(item: Exclude<ImportItem, { kind: "left" }>): { readonly short: string; readonly full: string } {
  if (item.kind === "service") {
    return { short: item.serviceName, full: item.serviceName };
  }
  const { mapping } = item;
  const full = itemName(mapping.kind === "account" ? mapping : { kind: "identity", arn: mapping.arn });
  const arn = parseIamArn(mapping.kind === "account" ? "" : mapping.arn);
  return { short: arn.kind === "invalid" ? full : arn.name, full };
}
