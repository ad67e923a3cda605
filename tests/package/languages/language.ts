import { globSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ProjectOptions, TestProject } from "../../support/engine/testProject.ts";
import { cacheDirectory } from "../../support/parts/cacheDirectory.ts";

/** A mapping in a program, with the property names of the schema. */
export interface Mapping {
  readonly properties: Readonly<Record<string, string | boolean | readonly string[]>>;
  /** Resource options; they refer to other resources by name. */
  readonly options?: {
    readonly dependsOn?: readonly string[];
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly ignoreChanges?: readonly string[];
    /** Previous names of the resource. */
    readonly aliases?: readonly string[];
  };
}

/** The mappings of a program by resource name, which is also the variable name. */
export type Mappings = Readonly<Record<string, Mapping>>;

/** Timeout in milliseconds: with empty caches, the first set-up downloads and compiles the SDKs. */
export const setUpLimit = 1_200_000;

/** What the tests of all languages need from one language. */
export interface Language {
  readonly name: string;
  options(): Promise<Pick<ProjectOptions, "programs"> & { readonly env?: Readonly<Record<string, string>> }>;
  /** Creates a project with the SDK. */
  setUp(project: TestProject): Promise<void>;
  write(project: TestProject, program: string): Promise<void>;
  /** A program with these mappings. `usernames`: names of outputs, each with the mapping whose username it exports. */
  program(mappings: Mappings, usernames?: Readonly<Record<string, string>>): string;
  /** A program with these mappings and the code that `pulumi import` printed. */
  withImported(printed: string, mappings: Mappings): string;
  /** The code that `pulumi import` prints for the role `ci` with a username and a group. */
  readonly codeOfImport: string;
  /** A program that exports the function's result for the role `ci`, and the number of mappings for an output. */
  readonly functions: string;
  /** A program that maps `first`, `late`, whose username uses the ID of `first`, and `there`, with an explicit provider. */
  readonly values: string;
}

/** A string literal with a role's ARN. */
export const arn = (role: string): string => `"arn:aws:iam::111122223333:role/${role}"`;

/** A cache directory, which persists between runs. */
export function cachePath(...names: string[]): string {
  return join(cacheDirectory(), "programs", ...names);
}

/**
 * Creates a project and adds the SDK with `pulumi package add`, which generates and installs it.
 *
 * @param runtime the `runtime` field of `Pulumi.yaml`.
 */
export async function createProject(
  project: TestProject,
  runtime: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await project.write("Pulumi.yaml", `name: ${project.name}\nruntime: ${runtime}\n`);
  for (const [name, text] of Object.entries(files)) {
    await project.write(name, text);
  }
  // Uses the start script, since the Node.js host that the tests can build is too old to run a plugin's folder.
  const [plugin = ""] = globSync(join(project.directory, ".pulumi-home/plugins/resource-*/pulumi-resource-aws-auth"));
  const added = await project.cli("package", "add", plugin);
  expect(added).toMatchObject({ code: 0, output: expect.stringContaining("Added package") });
}
