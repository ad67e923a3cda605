import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { settingNames } from "../../../provider/cluster/settings.ts";
import { inputNames } from "../../../provider/lifecycle/properties.ts";
import { packageSchema } from "../../../provider/plugin/functions.ts";
import type { FoundIdentityMapping } from "../../../provider/reports/findMappings.ts";
import type { EksClusterArgs, IdentityMappingArgs } from "../../../sdk/index.ts";

const { resources, functions, types, provider, ...others } = packageSchema("1.2.3");
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

it("the schema has the properties and types of the npm package, and the pages document each of them", () => {
  expect(typesOf(mapping.inputProperties)).toEqual(ofMapping);
  expect(typesOf(mapping.properties)).toEqual(ofMapping);
  expect(Object.keys(ofMapping).toSorted()).toEqual([...inputNames].toSorted());
  expect(typesOf(types["aws-auth:index:Cluster"].properties)).toEqual(ofCluster);
  expect(typesOf(found.properties)).toEqual(ofFound);
  expect(Object.keys(provider.inputProperties).toSorted()).toEqual([...settingNames].toSorted());
  expect(others).toMatchObject({ version: "1.2.3", config: { variables: provider.inputProperties } });

  const rowsOf = (properties: Properties) =>
    Object.entries(properties).map(
      ([name, property]) => `\`${name}\` | ${typeName(property)} | ${property.description}`,
    );
  const valuesOf = (type: "AuthenticationMode" | "LockoutProtection") =>
    types[`aws-auth:index:${type}`].enum.map(({ name, value, description }) => {
      const names = [value, `${type}.${value.toUpperCase()}`, `${type}${name}`, `${type}.${name}`];
      return `${names.map((each) => `\`${each}\``).join(" | ")} | ${description}`;
    });
  const ofReference = [
    rowsOf(mapping.inputProperties),
    rowsOf(inputs.properties),
    rowsOf(outputs.properties),
    rowsOf(found.properties),
    rowsOf(types["aws-auth:index:PermissionSet"].properties),
    rowsOf(types["aws-auth:index:Cluster"].properties),
    valuesOf("AuthenticationMode"),
    valuesOf("LockoutProtection"),
    rowsOf(provider.inputProperties),
  ];
  const settings = Object.entries(provider.inputProperties);
  const ofRegistry = settings.map(([name, { description }]) => `\`aws-auth:${name}\` | ${description}`);
  for (const [page, rows] of [
    ["plugin-reference.md", ofReference.flat()],
    ["installation-configuration.md", ofRegistry],
  ] as const) {
    const text = readFileSync(join(import.meta.dirname, "../../../docs", page), "utf8");
    expect(Array.from(text.matchAll(/^\| (`.*) \|$/gm), ([, row]) => row)).toEqual(rows);
  }
});
