import type { ProjectOptions, TestProject } from "../support/engine/testProject.ts";

/** A mapping as a program declares it, in the words of the schema. */
export interface Mapping {
  readonly properties: Readonly<Record<string, string | boolean | readonly string[]>>;
  readonly options?: MappingOptions;
}

/** Resource options, other resources by their names. */
export interface MappingOptions {
  readonly dependsOn?: readonly string[];
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly ignoreChanges?: readonly string[];
  /** The names that the resource had before. */
  readonly aliases?: readonly string[];
}

/** The mappings of a program by the names of their resources, which are also the names of its variables. */
export type Mappings = Readonly<Record<string, Mapping>>;

/** What the projects of a language are made with. */
export interface LanguageOptions extends Pick<ProjectOptions, "programs"> {
  readonly env?: Readonly<Record<string, string>>;
}

/** With empty caches, a project's first set-up downloads and compiles the SDKs. */
export const setUpLimit = 1_200_000;

/** What differs between the languages of a life that is the same in all of them. */
export interface Language {
  readonly name: string;
  /** What its projects are made with. */
  options(): Promise<LanguageOptions>;
  /** Lays out a project of it, with the SDK. */
  setUp(project: TestProject): Promise<void>;
  /** Replaces the program of a project. */
  write(project: TestProject, program: string): Promise<void>;
  /** A program of these mappings, with usernames of some of them as outputs, by name. */
  program(mappings: Mappings, usernames?: Readonly<Record<string, string>>): string;
  /** A program of these mappings into which somebody has pasted what `pulumi import` printed. */
  withImported(printed: string, mappings: Mappings): string;
  /** The code that `pulumi import` prints for the role `ci` of the account, with a username and a group. */
  readonly codeOfImport: string;
}

/** A name as Python's SDKs have it, `ignoreChanges` as `ignore_changes`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => `_${letters.toLowerCase()}`);
}

/** A name as the SDKs of Go and C# have it. */
export function pascalCase(name: string): string {
  return name.replace(/^./, (letter) => letter.toUpperCase());
}
