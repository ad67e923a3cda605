import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { packInto, runCommand, unpackInto } from "./consumers/packing.ts";
import { readBlock } from "./docs/markdown.ts";
import { type ProjectOptions, repository, TestProject } from "./engine/testProject.ts";
import { projectWithStandIns, type StandInOptions } from "./standIns/projectWithStandIns.ts";

/** Options of an example, and of its project. */
export interface ExampleOptions extends Pick<ProjectOptions, "engine" | "programs" | "packedPlugin"> {
  /** The stack of the example whose configuration is used. Default: none. */
  readonly stack?: string;
  /** Additional stack configuration, with full keys. */
  readonly config?: Readonly<Record<string, string | readonly string[]>>;
  /** Adds @pulumi/kubernetes and @pulumi/aws, with stand-ins for their plugins. */
  readonly standIns?: StandInOptions;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Installs the example from the packed package into a subdirectory of the given directory, with a node_modules that contains its
   * dependencies. Default: the example of this repository, with the project's own node_modules.
   */
  readonly install?: (name: string, directory: string) => Promise<string>;
}

/** The sorted names of all examples: of Node programs, and of programs in other languages. */
export function exampleNames(): { readonly inNode: readonly string[]; readonly others: readonly string[] } {
  const projectsIn = (...directory: string[]) =>
    readdirSync(join(repository, "examples", ...directory))
      .filter((name) => existsSync(join(repository, "examples", ...directory, name, "Pulumi.yaml")))
      .toSorted();
  return { inNode: projectsIn(), others: projectsIn("languages") };
}

/** Copies an example into a new project. */
export async function exampleProject(name: string, options: ExampleOptions = {}): Promise<TestProject> {
  const { stack, config = {}, standIns, env, install, ...others } = options;
  const original = join(repository, "examples", name);
  const definition = await readFile(join(original, "Pulumi.yaml"), "utf8");
  const { name: projectName, runtime } = parse(definition);
  const language = runtime === "yaml" ? "yaml" : "nodejs";
  const made = await (standIns === undefined
    ? TestProject.create({ ...others, name: projectName, language })
    : projectWithStandIns({ ...standIns, ...others, name: projectName, program: { language } }));
  const source = await (install?.(name, made.directory) ?? original);
  await cp(source, made.directory, {
    recursive: true,
    filter: (file) => !/Pulumi\.\w+\.yaml$|README\.md$|node_modules$/.test(file.slice(source.length)),
  });
  if (language === "yaml") {
    await made.program(definition.replace(/^(?:name|runtime): .*\n/gm, ""));
  }
  const ofStack = stack === undefined ? {} : parse(await readFile(join(source, `Pulumi.${stack}.yaml`), "utf8"));
  await made.write("Pulumi.test.yaml", stringify({ config: { ...ofStack.config, ...config } }));
  if (install === undefined) {
    // The tests of the documentation check the types.
    return made.with({ PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...env });
  }
  const modules = join(made.directory, "node_modules");
  await rm(modules, { recursive: true });
  await rename(join(source, "node_modules"), modules);
  return made.with({ ...env });
}

/** Copies an example from the packed package, with links to this repository's copies of the dependencies in its package.json. */
export async function linkExample(name: string, directory: string): Promise<string> {
  const user = join(directory, "copy");
  await mkdir(user);
  const manifest = await readFile(join(repository, "examples", name, "package.json"), "utf8");
  const { dependencies, devDependencies } = JSON.parse(manifest);
  await unpackInto(user, undefined, Object.keys({ ...dependencies, ...devDependencies }));
  const modules = join(user, "node_modules");
  await cp(join(modules, "pulumi-aws-auth", "examples", name), join(user, name), { recursive: true });
  await rename(modules, join(user, name, "node_modules"));
  return join(user, name);
}

/** Creates an example with the commands in examples/README.md, with the packed package instead of the published one. */
export async function installExample(name: string, directory: string): Promise<string> {
  const user = join(directory, "copy");
  await mkdir(user);
  // Without a package.json, npm would install into the surrounding test project.
  await writeFile(join(user, "package.json"), "{}\n");
  const { filename } = await packInto(user);
  await rename(join(user, filename), join(user, "packed.tgz"));
  const commands = await readBlock("examples/README.md", "cp -R node_modules");
  const script = commands
    .replace("npm install pulumi-aws-auth\n", "npm install ./packed.tgz\n")
    .replaceAll("team-access", name)
    .replace(/^npm install$/m, "npm pkg set dependencies.pulumi-aws-auth=file:../packed.tgz\nnpm install")
    .replace(/^pulumi login.*$/m, "");
  await runCommand("bash", ["-ec", script], { cwd: user, env: { npm_config_prefer_offline: "true" } });
  return join(user, name);
}
