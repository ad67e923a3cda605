import { globSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ProjectOptions, TestProject } from "../../support/engine/testProject.ts";
import { cacheDirectory } from "../../support/parts/cacheDirectory.ts";

/** A mapping as a program declares it, in the words of the schema. */
export interface Mapping {
  readonly properties: Readonly<Record<string, string | boolean | readonly string[]>>;
  /** Resource options, other resources by their names. */
  readonly options?: {
    readonly dependsOn?: readonly string[];
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly ignoreChanges?: readonly string[];
    /** The names that the resource had before. */
    readonly aliases?: readonly string[];
  };
}

/** The mappings of a program by the names of their resources, which are also the names of its variables. */
export type Mappings = Readonly<Record<string, Mapping>>;

/** With empty caches, a project's first set-up downloads and compiles the SDKs. */
export const setUpLimit = 1_200_000;

/** What differs between the languages of a life that is the same in all of them. */
export interface Language {
  readonly name: string;
  options(): Promise<Pick<ProjectOptions, "programs"> & { readonly env?: Readonly<Record<string, string>> }>;
  /** Lays out a project of it, with the SDK. */
  setUp(project: TestProject): Promise<void>;
  write(project: TestProject, program: string): Promise<void>;
  /** A program of these mappings, with usernames of some of them as outputs, by name. */
  program(mappings: Mappings, usernames?: Readonly<Record<string, string>>): string;
  /** A program of these mappings into which somebody has pasted what `pulumi import` printed. */
  withImported(printed: string, mappings: Mappings): string;
  /** The code that `pulumi import` prints for the role `ci` of the account, with a username and a group. */
  readonly codeOfImport: string;
  /** A program that exports what the function returns for the role `ci`, and how many mappings it returns for an output. */
  readonly functions: string;
  /** A program that maps `first`; `late`, whose username needs the ID of the first; `there`, elsewhere. */
  readonly values: string;
}

/** The string literal of a role's ARN. */
export const arn = (role: string): string => `"arn:aws:iam::111122223333:role/${role}"`;

/** A directory that is kept between runs. */
export function kept(...names: string[]): string {
  return join(cacheDirectory(), "programs", ...names);
}

/**
 * Lays out a project, and adds the SDK as a user does: the CLI generates it, and installs it with its dependencies.
 *
 * @param runtime what `Pulumi.yaml` says of the language.
 */
export async function begin(
  project: TestProject,
  runtime: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await project.write("Pulumi.yaml", `name: ${project.name}\nruntime: ${runtime}\n`);
  for (const [name, text] of Object.entries(files)) {
    await project.write(name, text);
  }
  // The start script, since the Node.js host that can be built from source is too old to run a plugin's folder.
  const [plugin = ""] = globSync(join(project.directory, ".pulumi-home/plugins/resource-*/pulumi-resource-aws-auth"));
  const added = await project.cli("package", "add", plugin);
  expect(added).toMatchObject({ code: 0, output: expect.stringContaining("Added package") });
}
