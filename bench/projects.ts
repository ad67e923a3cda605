import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transform } from "esbuild";
import { type ProjectOptions, repository, TestProject } from "../tests/support/engine/testProject.ts";
import { yamlProgram } from "../tests/support/engine/yamlProgram.ts";
import { packedPlugin } from "../tests/support/plugin/packedPlugin.ts";
import { type Bench, mappingNumber } from "./bench.ts";

/** Stack configuration: full keys. */
type Config = Readonly<Record<string, string>>;

/** The mappings of a YAML program, by name. */
type YamlMappings = Parameters<typeof yamlProgram>[0];

/** What the command line of a project's provider process has, and no other of the project. */
export const providerProcess = { dynamic: "/dynamic-provider", plugin: "/resource-aws-auth-" } as const;

/** A way to use the package: the dynamic resource in a Node program, or the resource plugin in a YAML program. */
export type Door = keyof typeof providerProcess;

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
 *
 * @param wait milliseconds that each create waits.
 */
export async function floorProject(bench: Bench, count: number, wait = 0): Promise<TestProject> {
  const project = await projectOf(bench, {});
  const pause = wait === 0 ? "" : `await new Promise((resolve) => setTimeout(resolve, ${wait}));`;
  await project.write(
    "empty.js",
    `exports.create = async (inputs) => { ${pause} return { id: inputs.arn, outs: inputs }; };`,
  );
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

/** The resource plugin as a release has it. @returns the tarball. */
export async function releasedPlugin(bench: Bench): Promise<string> {
  const { tarball, remove } = await packedPlugin();
  bench.onEnd(remove);
  return tarball;
}

/** A YAML program with that many mappings. @param tarball the packed plugin. */
export async function yamlProject(
  bench: Bench,
  tarball: string,
  mappings: YamlMappings,
  config: Config,
): Promise<TestProject> {
  const project = await projectOf(bench, { language: "yaml", packedPlugin: tarball, config });
  await project.program(yamlProgram(mappings));
  return project;
}

/** Mappings for a YAML program. */
export function yamlMappings(count: number): YamlMappings {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`m${index}`, { properties: mappingNumber(index) }]),
  );
}

/** A YAML program as that of {@link yamlProject}, with a plugin that has our schema and does nothing. */
export async function yamlFloorProject(bench: Bench, count: number): Promise<TestProject> {
  const directory = await mkdtemp(join(tmpdir(), "resource-aws-auth-"));
  bench.onEnd(() => rm(directory, { recursive: true, force: true }));
  await symlink(join(repository, "node_modules"), join(directory, "node_modules"));
  const source = await readFile(new URL("emptyPlugin.ts", import.meta.url), "utf8");
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  await writeFile(join(directory, "main.mjs"), code);
  const { schemaOf }: typeof import("../provider/plugin/packageSchema.ts") = built("provider/plugin/packageSchema.js");
  await writeFile(join(directory, "schema.json"), JSON.stringify(schemaOf({ version: "0.0.0" })));
  const start = join(directory, "pulumi-resource-aws-auth");
  await writeFile(start, `#!/bin/sh\nexec node ${JSON.stringify(join(directory, "main.mjs"))} "$@"\n`);
  await chmod(start, 0o755);
  const project = await projectOf(bench, { language: "yaml" });
  const plugins = JSON.stringify({ providers: [{ name: "aws-auth", path: directory }] });
  const program = yamlProgram(yamlMappings(count));
  await project.write("Pulumi.yaml", `name: test\nruntime: yaml\nplugins: ${plugins}\n${program}`);
  return project;
}

function built<T>(module: string): T {
  return createRequire(import.meta.url)(join(repository, "dist", module));
}
