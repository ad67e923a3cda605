import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { settingNames } from "../../../provider/cluster/settings.ts";
import { inputNames } from "../../../provider/lifecycle/properties.ts";
import { schemaOf } from "../../../provider/plugin/packageSchema.ts";
import type { FoundIdentityMapping } from "../../../provider/reports/findMappings.ts";
import type { EksClusterArgs, IdentityMappingArgs } from "../../../sdk/index.ts";

const { resources, functions, types, provider, config } = schemaOf({ version: "1.2.3" });
const mapping = resources["aws-auth:index:IdentityMapping"];
const { inputs, outputs } = functions["aws-auth:index:getIdentityMappings"];
const found = types["aws-auth:index:FoundIdentityMapping"];

/** The type of a property in the schema. */
interface Typed {
  readonly type?: string;
  readonly items?: Typed;
  readonly $ref?: string;
  readonly oneOf?: readonly Typed[];
}

type Properties = Readonly<Record<string, Typed & { readonly description: string }>>;

/** The name of a type in the reference. */
function typeName({ type = "", items, $ref, oneOf }: Typed): string {
  if (oneOf !== undefined) {
    return oneOf.map(typeName).join(" or ");
  }
  const name = $ref?.replace(/^.*:/, "");
  return name !== undefined
    ? `[${name}](#${name.toLowerCase()})`
    : items === undefined
      ? type
      : `list of ${typeName(items).replace(/string$/, "strings")}`;
}

function typesOf(properties: Properties): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, typeName(property)]));
}

type All<Type, Value> = Required<{ readonly [Name in keyof Type]: Value }>;

const ofMapping: All<IdentityMappingArgs, string> = {
  cluster: "string or [Cluster](#cluster)",
  arn: "string",
  account: "string",
  username: "string",
  groups: "list of strings",
  noDuplicateARNs: "boolean",
  adopt: "boolean",
  authenticationMode: "[AuthenticationMode](#authenticationmode)",
};
const ofCluster: All<EksClusterArgs, string> = {
  name: "string",
  region: "string",
  account: "string",
  profile: "string",
  roleArn: "string",
  kubeconfig: "string",
  context: "string",
  manifest: "string",
};
const ofFound: All<FoundIdentityMapping, string> = {
  kind: "string",
  arn: "string",
  username: "string",
  groups: "list of strings",
  account: "string",
  sso: "[PermissionSet](#permissionset)",
  position: "integer",
  isShadowed: "boolean",
  owners: "list of strings",
  possibleOwners: "list of strings",
};

it("the schema has the properties and types of the npm package, and the reference documents each of them", () => {
  expect(typesOf(mapping.inputProperties)).toEqual(ofMapping);
  expect(typesOf(mapping.properties)).toEqual(ofMapping);
  expect(Object.keys(ofMapping).toSorted()).toEqual([...inputNames].toSorted());
  expect(typesOf(types["aws-auth:index:Cluster"].properties)).toEqual(ofCluster);
  expect(typesOf(found.properties)).toEqual(ofFound);
  expect(Object.keys(provider.inputProperties).toSorted()).toEqual([...settingNames].toSorted());
  expect(config.variables).toEqual(provider.inputProperties);

  const page = readFileSync(join(import.meta.dirname, "../../../docs/plugin-reference.md"), "utf8");
  const tables: readonly Properties[] = [
    mapping.inputProperties,
    inputs.properties,
    outputs.properties,
    found.properties,
    types["aws-auth:index:PermissionSet"].properties,
    types["aws-auth:index:Cluster"].properties,
    provider.inputProperties,
  ];
  const rows = tables.flatMap((properties) =>
    Object.entries(properties).map(
      ([name, property]) => `| \`${name}\` | ${typeName(property)} | ${property.description} |`,
    ),
  );
  const modes = types["aws-auth:index:AuthenticationMode"].enum.map(({ value }) => value);
  expect(page.match(/^\| `.*\|$/gm)?.filter((row) => !modes.some((value) => row.includes(`\`${value}\` |`)))).toEqual(
    rows,
  );
});

it("the schema of a published version names the repository from which Pulumi downloads the plugin", () => {
  const from = (url: string) => schemaOf({ version: "1.2.3", repository: { url } });
  expect(from("git+https://github.com/some-owner/some.repo.git")).toMatchObject({
    version: "1.2.3",
    repository: "https://github.com/some-owner/some.repo",
    pluginDownloadURL: "github://api.github.com/some-owner/some.repo",
  });
  expect(from("git+https://git.example.com/owner/repo.git")).not.toHaveProperty("pluginDownloadURL");
  expect(schemaOf({ version: "1.2.3" })).not.toHaveProperty("repository");
});
