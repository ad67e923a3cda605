/**
 * The calls to the provider in an `up` of many mappings, without the engine: every resource is checked, then created, a few at a time.
 * Arguments: path of the kubeconfig, name of the stack, number of mappings.
 *
 * @module
 */
import { createRequire } from "node:module";
import { roleArn } from "./foreignWriter.ts";

const provider: typeof import("../../../provider/index.ts") = createRequire(import.meta.url)(
  "../../../dist/provider/index.js",
);

/** The number of resources that the engine creates concurrently on a small machine. */
const parallel = 8;

const [kubeconfig = "", stack = "", count = "0"] = process.argv.slice(2);
const config = new Map([["aws-auth:kubeconfig", kubeconfig]]);
await provider.configure({
  config: { get: (key: string) => config.get(key), require: (key: string) => config.get(key) ?? "" },
});

const names = Array.from({ length: Number(count) }, (_, index) => `${stack}-${index + 1}`);
const queue = names.values();

async function createNext(): Promise<void> {
  for (const name of queue) {
    const urn = `urn:pulumi:test::test::pulumi-nodejs:dynamic/aws-auth:IdentityMapping::${name}`;
    const { inputs, failures = [] } = await provider.check(
      {},
      { arn: roleArn(name), username: name, __context: JSON.stringify({ urn, isPreview: false }) },
    );
    if (failures.length > 0) {
      throw new Error(JSON.stringify(failures));
    }
    await provider.create(inputs);
  }
}

await Promise.all(Array.from({ length: parallel }, createNext));
