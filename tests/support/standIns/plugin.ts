import { createRequire } from "node:module";
import type { Provider } from "@pulumi/pulumi/provider/index.js";

const load = createRequire(import.meta.url);

const string = { type: "string" };
const anything = { $ref: "pulumi.json#/Any" };
const metadata = "kubernetes:meta/v1:ObjectMeta";

/** A kind of Kubernetes; programs in YAML leave out its constants. */
function kind(apiVersion: string, name: string, ...fields: readonly string[]) {
  const properties = {
    apiVersion: { ...string, const: apiVersion },
    kind: { ...string, const: name },
    metadata: { $ref: `#/types/${metadata}` },
    ...Object.fromEntries(fields.map((field) => [field, anything])),
  };
  return {
    [`kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${name}`]: { properties, inputProperties: properties },
  };
}

/** The parts of the schemas that the programs of the examples in YAML need. */
const schemas = {
  aws: {
    resources: { "aws:iam/role:Role": { properties: { arn: string }, inputProperties: { assumeRolePolicy: string } } },
    functions: { "aws:index/getCallerIdentity:getCallerIdentity": { outputs: { properties: { accountId: string } } } },
  },
  kubernetes: {
    types: { [metadata]: { type: "object", properties: { name: string, namespace: string } } },
    resources: {
      ...kind("v1", "Namespace"),
      ...kind("rbac.authorization.k8s.io/v1", "Role", "rules"),
      ...kind("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef", "subjects"),
    },
  },
};

/**
 * Serves a stand-in to the engine, which starts it like a real plugin.
 *
 * @param name the package whose plugin it replaces; it reports that package's version, or the engine would warn.
 */
export function serve(name: "kubernetes" | "aws", provider: Provider): void {
  const { main }: typeof import("@pulumi/pulumi/provider/index.js") = load("@pulumi/pulumi/provider");
  const { version }: { version: string } = load(`@pulumi/${name}/package.json`);
  main(
    { ...provider, version, schema: JSON.stringify({ name, version, ...schemas[name] }) },
    process.argv.slice(2),
  ).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
