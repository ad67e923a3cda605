import { createRequire } from "node:module";
import { join } from "node:path";
import { type ProjectOptions, repository, TestProject } from "../tests/support/engine/testProject.ts";
import { type Bench, mappingNumber } from "./bench.ts";

/** Stack configuration: full keys. */
type Config = Readonly<Record<string, string>>;

/** Makes a project on local state, until the end of the measurement. */
export async function projectOf(bench: Bench, { env, ...options }: ProjectOptions): Promise<TestProject> {
  // The tests keep compiled code between runs by an environment variable; a user's runs do not.
  const project = await TestProject.create({ ...options, env: { ...env, NODE_COMPILE_CACHE: undefined } });
  bench.onEnd(() => project.remove());
  return project;
}

/** A Node program with that many mappings. */
export async function mappingsProject(bench: Bench, count: number, config: Config): Promise<TestProject> {
  const project = await projectOf(bench, { config });
  await project.program(nodeProgram("IdentityMapping", count));
  return project;
}

/**
 * The engine alone: a Node program with as many resources of the same inputs, a constant provider text as long as ours, and a provider
 * that does nothing.
 */
export async function floorProject(bench: Bench, count: number): Promise<TestProject> {
  const project = await projectOf(bench, {});
  await project.write("empty.js", "exports.create = async (inputs) => ({ id: inputs.arn, outs: inputs });");
  // What is stored of a cluster; ours gets it from the stack's configuration.
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

function nodeProgram(type: string, count: number): string {
  return `
const mapping = ${mappingNumber.toString()};
for (let index = 0; index < ${count}; index++) {
  new ${type}("m" + index, mapping(index));
}
`;
}

/** The provider text of the empty provider, as long as ours. */
function emptyText(): string {
  const { providerText }: typeof import("../sdk/dynamicProvider.ts") = built("sdk/dynamicProvider.js");
  return 'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("./empty.js");'.padEnd(
    providerText.length,
  );
}

function built<T>(module: string): T {
  return createRequire(import.meta.url)(join(repository, "dist", module));
}
