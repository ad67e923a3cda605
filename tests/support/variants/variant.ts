import { expect } from "vitest";
import { mappingTypes } from "../engine/state.ts";
import type { Outcome, ProjectOptions } from "../engine/testProject.ts";
import type { Declared } from "./declared.ts";
import { nodeProgram, yamlProgram } from "./programs.ts";

/** One of the two ways from a program to the lifecycle, SDK or plugin, and what a user sees otherwise through it. */
export interface Variant {
  /** For titles. */
  readonly name: string;
  /** The language of its programs. */
  readonly options: Pick<ProjectOptions, "language" | "plugin">;
  /** The type of its mappings in a URN. */
  readonly type: string;
  /** The setting for the AWS region that everybody has in the configuration already. A plugin sees no settings of other packages. */
  readonly regionKey: string;
  /**
   * Whether each preview and each update reads the entries first: then Pulumi's own diff shows drift, a removed entry is one to create,
   * and a delete goes by what was read. Otherwise drift is a warning and a property of the resource, and what is gone is one to update.
   */
  readonly readsFirst: boolean;
  /** Whether a check knows that it is a preview's: then it adds to what is shown. */
  readonly knowsPreviews: boolean;
  /** A program of these mappings. */
  program(mappings: Declared, outputs?: Readonly<Record<string, unknown>>): string;
}

/** The dynamic resource of the npm package, in a Node program. */
export const sdkVariant: Variant = {
  name: "dynamic resource",
  options: { language: "nodejs" },
  type: mappingTypes[0],
  regionKey: "aws:region",
  readsFirst: false,
  knowsPreviews: true,
  program: nodeProgram,
};

/** The resource plugin, with a YAML program. */
export const pluginVariant: Variant = {
  name: "resource plugin",
  options: { language: "yaml" },
  type: mappingTypes[1],
  regionKey: "aws-auth:region",
  readsFirst: true,
  knowsPreviews: false,
  program: yamlProgram,
};

/**
 * Both, for suites that show what differs between them: at every run a `sample`, the first, whose programs take half the time. What is the
 * same behind either is shown through one of them.
 */
export const variants = [pluginVariant, sdkVariant] as const;

/** The URN of a mapping of a project that has the default name. */
export function urnOf({ type }: Variant, name: string): string {
  return `urn:pulumi:test::test::${type}::${name}`;
}

/** Expects of a preview with `--diff` that it shows a hand edit of one value, and that an update corrects it. */
export function expectHandEdit(
  { readsFirst }: Variant,
  { code, output }: Outcome,
  { property, declared, live }: Readonly<Record<"property" | "declared" | "live", string>>,
): void {
  expect(code).toBe(0);
  if (readsFirst) {
    const name = property === "groups" ? "[0]" : property;
    expect(output).toContain(`~ ${name}: "${declared}" => "${live}"`);
    expect(output).toContain(`~ ${name}: "${live}" => "${declared}"`);
  } else {
    expect(output).toContain(`${property}: "cluster has ${live}; up restores ${declared}"`);
  }
}
