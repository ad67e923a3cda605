import { existsSync, readdirSync } from "node:fs";
import { cp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { repository, TestProject } from "../engine/testProject.ts";
import type { PulumiName } from "../parts/recipes.ts";
import { projectWithStandIns, type StandInOptions } from "../standIns/projectWithStandIns.ts";

/** What an example is run with. */
export interface ExampleOptions {
  /** The stack of the example whose configuration is taken. Default: none. */
  readonly stack?: string;
  /** Additional stack configuration, with full keys. */
  readonly config?: Readonly<Record<string, string | readonly string[]>>;
  /** The engine that runs it. Default: the newest. */
  readonly engine?: PulumiName;
  /** Makes the project with @pulumi/kubernetes and @pulumi/aws, and stand-ins for their plugins. */
  readonly standIns?: StandInOptions;
  /** Directories whose programs are found before all others. */
  readonly programs?: readonly string[];
  /** Environment variables besides. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Gets the example out of the packed package into a directory inside of the given one, with a node_modules that holds what it
   * needs. Default: the example of this repository, on the project's own node_modules.
   */
  readonly install?: (name: string, directory: string) => Promise<string>;
}

/** The names of all examples, in order: of programs for Node, and of programs in other languages. */
export function exampleNames(): { readonly inNode: readonly string[]; readonly others: readonly string[] } {
  const directory = join(repository, "examples");
  const names = readdirSync(directory, { withFileTypes: true })
    .flatMap((file) => (file.isDirectory() ? [file.name] : []))
    .filter((name) => existsSync(join(directory, name, "Pulumi.yaml")))
    .toSorted();
  const isInNode = (name: string) => existsSync(join(directory, name, "index.ts"));
  return { inNode: names.filter(isInNode), others: names.filter((name) => !isInNode(name)) };
}

/** Copies an unchanged example into a new project. */
export async function exampleProject(name: string, options: ExampleOptions = {}): Promise<TestProject> {
  const { stack, config = {}, standIns, programs = [], env, install, engine = "pulumi" } = options;
  const projectFile = await readFile(join(repository, "examples", name, "Pulumi.yaml"), "utf8");
  const projectOptions = { name: parse(projectFile).name };
  const made =
    standIns === undefined
      ? await TestProject.create({ ...projectOptions, engine, programs })
      : await projectWithStandIns({ ...standIns, ...projectOptions });
  const source = await (install?.(name, made.directory) ?? join(repository, "examples", name));
  await cp(source, made.directory, {
    recursive: true,
    filter: (file) => !/Pulumi\.\w+\.yaml$|README\.md$|node_modules$/.test(file.slice(source.length)),
  });
  const ofStack = stack === undefined ? {} : parse(await readFile(join(source, `Pulumi.${stack}.yaml`), "utf8"));
  await made.write("Pulumi.test.yaml", stringify({ config: { ...ofStack.config, ...config } }));
  if (install === undefined) {
    // The documents' tests check the types.
    return made.with({ PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...env });
  }
  const modules = join(made.directory, "node_modules");
  await rm(modules, { recursive: true });
  await rename(join(source, "node_modules"), modules);
  return made.with({ ...env });
}
