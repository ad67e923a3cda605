import { mappingType } from "../provider/lifecycle/properties";
import { printable, quoted } from "../provider/text/text";
import type { NamedCluster } from "./cluster";
import { CommandFailure, renderJson, renderYaml } from "./output";

export type ImportFormat = "typescript" | "yaml" | "pulumi-import";

/** A resource that takes over an entry or a service of an eksctl file. */
export interface ImportedResource {
  readonly type: "IdentityMapping" | "ServiceIdentityMapping";
  /** The name of the role or user, and a name that is unique among all accounts and kinds. */
  readonly name: string;
  readonly fullName: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The owners that claim the entry; empty if it has no claim. */
  readonly owners: string;
}

/** An item of an import: a resource, or the reason why no resource can express an entry. */
export type ImportItem = ImportedResource | { readonly left: string };

export interface ImportSource {
  readonly label: string;
  /** Undefined for the cluster in the stack configuration. */
  readonly cluster: NamedCluster | undefined;
  readonly items: readonly ImportItem[];
}

/**
 * Renders an import in one of the formats.
 *
 * @throws CommandFailure for a service, whose component exists only in the SDK.
 */
export function renderImport({ label, cluster: named, items }: ImportSource, output: ImportFormat): string {
  const resources = items.flatMap((item) => ("left" in item ? [] : [item]));
  const service = resources.find(({ type }) => type === "ServiceIdentityMapping");
  if (service !== undefined && output !== "typescript") {
    throw new CommandFailure(
      `serviceName ${service.name} needs the component ServiceIdentityMapping, which exists only in the SDK for Node.js; use -o typescript, or remove it and declare its Role, RoleBinding and mapping`,
    );
  }
  const sameName = Map.groupBy(resources, ({ name }) => name.toLowerCase());
  const nameOf = ({ name, fullName }: ImportedResource) =>
    sameName.get(name.toLowerCase())?.length === 1 ? name : fullName;
  if (output === "pulumi-import") {
    return renderJson({
      resources: resources.map((one) => {
        return { type: mappingType, name: nameOf(one), id: one.fields["account"] ?? one.fields["arn"] };
      }),
    });
  }
  const { comment, indent, opening, resource } = languages[output];
  const cluster = named?.name !== undefined && Object.keys(named).length === 1 ? named.name : named;
  const remarks = [
    `The mappings of ${printable(label)}, printed by "pulumi-aws-auth import".`,
    ...(cluster === undefined ? ["The stack configuration specifies the cluster."] : []),
  ].map((remark) => `${comment} ${remark}\n`);
  const blocks = items.map((item) => {
    if ("left" in item) {
      return `${comment} ${printable(item.left)}`;
    }
    const claim = item.owners === "" ? "" : `${comment} Also managed by ${printable(item.owners)}.\n`;
    const properties = { ...(cluster !== undefined && { cluster }), ...item.fields };
    return claim + resource(nameOf(item), properties, item.type);
  });
  const start = remarks.join("") + opening(cluster, resources.length === 0);
  return `${[start, ...blocks.map((block) => block.replace(/^(?=.)/gm, indent))].join("\n\n")}\n`;
}

interface Language {
  readonly comment: string;
  readonly indent: string;
  /** What precedes the resources. */
  opening(cluster: NamedCluster | string | undefined, isEmpty: boolean): string;
  resource(name: string, properties: ImportedResource["fields"], type: ImportedResource["type"]): string;
}

const languages: Readonly<Record<Exclude<ImportFormat, "pulumi-import">, Language>> = {
  typescript: {
    comment: "//",
    indent: "",
    opening: (cluster) =>
      `import * as awsAuth from "pulumi-aws-auth";${cluster === undefined ? "" : `\n\nconst cluster = ${inTypeScript(cluster)};`}`,
    resource: (name, properties, type) => {
      const lines = Object.entries(properties).map(([key, value]) =>
        key === "cluster" ? "  cluster,\n" : `  ${key}: ${inTypeScript(value)},\n`,
      );
      return `new awsAuth.${type}(${inTypeScript(name)}, {\n${lines.join("")}});`;
    },
  },
  yaml: {
    comment: "#",
    indent: "  ",
    opening: (_, isEmpty) => `name: aws-auth\nruntime: yaml\nresources:${isEmpty ? " {}" : ""}`,
    resource: (name, properties) => {
      const resource = renderYaml({ [name]: { type: "aws-auth:IdentityMapping", properties } }).trimEnd();
      // Pulumi YAML parses `${` as the start of a reference. No name contains it.
      return resource.replaceAll("${", () => "$${");
    },
  },
};

/** A value on one line, with invisible characters escaped. */
function inTypeScript(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(inTypeScript).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([key, field]) => `${key}: ${inTypeScript(field)}`);
    return `{ ${fields.join(", ")} }`;
  }
  return typeof value === "string" ? quoted(value) : String(value);
}
