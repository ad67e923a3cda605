import { mappingType } from "../provider/lifecycle/properties";
import { printable } from "../provider/text/text";
import type { NamedCluster } from "./cluster";
import { CommandFailure, renderJson, renderYaml } from "./output";

export type ImportFormat = "typescript" | "yaml" | "pulumi-import";

/** A resource that takes over an entry or a service of an eksctl file. */
export interface ImportedResource {
  readonly type: "IdentityMapping" | "ServiceIdentityMapping";
  /** The name of the role or user, which may exist in another account or kind too. */
  readonly shortName: string;
  /** A name that is unique among identities. */
  readonly fullName: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The owners that claim the entry; empty if it has no claim. */
  readonly owners: string;
}

/** An item of an import: a resource, or the reason why no resource can express an entry. */
export type ImportItem = ImportedResource | { readonly left: string };

export interface ImportSource {
  readonly label: string;
  /** Undefined for the cluster in the configuration of the stack. */
  readonly cluster: NamedCluster | undefined;
  readonly items: readonly ImportItem[];
}

/**
 * Renders an import in one of the formats.
 *
 * @throws CommandFailure for a service, whose component exists only in the SDK.
 */
export function renderImport(source: ImportSource, output: ImportFormat): string {
  const resources = source.items.flatMap((item) => ("left" in item ? [] : [item]));
  const service = resources.find(({ type }) => type === "ServiceIdentityMapping");
  if (service !== undefined && output !== "typescript") {
    throw new CommandFailure(
      `serviceName ${service.shortName} needs the component ServiceIdentityMapping, which only the SDK for Node.js has; use -o typescript, or remove it and declare its Role, RoleBinding and mapping`,
    );
  }
  const shortNames = Map.groupBy(resources, ({ shortName }) => shortName.toLowerCase());
  const nameOf: Names = ({ shortName, fullName }) =>
    shortNames.get(shortName.toLowerCase())?.length === 1 ? shortName : fullName;
  switch (output) {
    case "typescript":
      return renderTypeScript(source, nameOf);
    case "yaml":
      return renderYamlProgram(source, nameOf);
    case "pulumi-import":
      return renderJson({
        resources: resources.map((one) => {
          return { type: mappingType, name: nameOf(one), id: one.fields["account"] ?? one.fields["arn"] };
        }),
      });
  }
}

type Names = (resource: ImportedResource) => string;

function renderTypeScript({ label, cluster, items }: ImportSource, nameOf: Names): string {
  const opening = [
    ...remarks(label, cluster).map((text) => `// ${text}`),
    'import * as awsAuth from "pulumi-aws-auth";',
  ];
  const blocks = items.map((item) => {
    if ("left" in item) {
      return `// ${printable(item.left)}`;
    }
    const fields = Object.entries(item.fields).map(([key, value]) => `${key}: ${literal(value)}`);
    const lines = [...(cluster === undefined ? [] : ["cluster"]), ...fields].map((field) => `  ${field},\n`);
    return `${claimRemark("// ", item)}new awsAuth.${item.type}(${literal(nameOf(item))}, {\n${lines.join("")}});`;
  });
  const declaration = cluster === undefined ? [] : [`const cluster = ${literal(clusterArgument(cluster))};`];
  return `${[opening.join("\n"), ...(blocks.length === 0 ? [] : declaration), ...blocks].join("\n\n")}\n`;
}

function renderYamlProgram({ label, cluster, items }: ImportSource, nameOf: Names): string {
  const opening = [...remarks(label, cluster).map((text) => `# ${text}`), "name: aws-auth", "runtime: yaml"];
  const blocks = items.map((item) => {
    if ("left" in item) {
      return `  # ${printable(item.left)}\n`;
    }
    const properties = { ...(cluster !== undefined && { cluster: clusterArgument(cluster) }), ...item.fields };
    const resource = renderYaml({ [nameOf(item)]: { type: "aws-auth:IdentityMapping", properties } });
    // Pulumi YAML parses `${` as the start of a reference. No name contains it.
    const uninterpolated = resource.replaceAll("${", () => "$${");
    return (claimRemark("# ", item) + uninterpolated).replace(/^(?=.)/gm, "  ");
  });
  const resources = items.every((item) => "left" in item) ? "resources: {}\n" : "resources:\n";
  return `${opening.join("\n")}\n${resources}${blocks.join("")}`;
}

function remarks(label: string, cluster: NamedCluster | undefined): readonly string[] {
  return [
    `The mappings of ${printable(label)}, printed by "pulumi-aws-auth import".`,
    ...(cluster === undefined ? ["The cluster is the one in the configuration of the stack."] : []),
  ];
}

function claimRemark(mark: string, { owners }: ImportedResource): string {
  return owners === "" ? "" : `${mark}Also managed by ${printable(owners)}.\n`;
}

/** Only the name if it is the only field. */
function clusterArgument(cluster: NamedCluster): NamedCluster | string {
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
