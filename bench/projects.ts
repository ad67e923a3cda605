import { createRequire } from "node:module";
import { join } from "node:path";
import { type ProjectOptions, repository, TestProject } from "../tests/support/engine/testProject.ts";
import { type Bench, mappingNumber } from "./bench.ts";

/** Stack configuration, with full keys. */
type Config = Readonly<Record<string, string>>;

/** Creates a project on local state, which is removed at the end of the measurement. */
export async function projectOf(bench: Bench, { env, ...options }: ProjectOptions): Promise<TestProject> {
  // The tests cache compiled code between runs with this variable; users' runs do not.
  const project = await TestProject.create({ ...options, env: { ...env, NODE_COMPILE_CACHE: undefined } });
  bench.onEnd(() => project.remove());
  return project;
}

/** Creates a Node program with `count` mappings. */
export async function mappingsProject(bench: Bench, count: number, config: Config): Promise<TestProject> {
  const project = await projectOf(bench, { config });
  await project.program(nodeProgram("IdentityMapping", count));
  return project;
}

/**
 * Measures the engine alone: a Node program with the same number of resources and inputs, and a provider that does nothing, whose text
 * is as long as ours.
 */
export async function floorProject(bench: Bench, count: number): Promise<TestProject> {
  const project = await projectOf(bench, {});
  await project.write("empty.js", "exports.create = async (inputs) => ({ id: inputs.arn, outs: inputs });");
  // The stored cluster; this package reads it from the stack's configuration.
  await project.program(`
class Mapping extends pulumi.CustomResource {
  constructor(name, args) {
    const stored = { cluster: { server: "0123456789ab" }, __provider: ${JSON.stringify(emptyText())} };
    super("pulumi-nodejs:dynamic/aws-auth:IdentityMapping", name, { ...args, ...stored });
  }
}
${nodeProgram("Mapping", count)}`);
  return project;
}

/** A Node program with `count` mappings. */
export function nodeProgram(type: string, count: number): string {
  return `
const mapping = ${mappingNumber.toString()};
for (let index = 0; index < ${count}; index++) {
  new ${type}("m" + index, mapping(index));
}
`;
}

/** The provider text of the empty provider, padded to the length of ours. */
function emptyText(): string {
  const { providerText }: typeof import("../sdk/dynamicProvider.ts") = built("sdk/dynamicProvider.js");
  return 'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("./empty.js");'.padEnd(
    providerText.length,
  );
}

function built<T>(module: string): T {
  return createRequire(import.meta.url)(join(repository, "dist", module));
}
