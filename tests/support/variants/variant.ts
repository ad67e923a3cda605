import { expect } from "vitest";
import { mappingTypes } from "../engine/state.ts";
import type { Outcome, ProjectOptions } from "../engine/testProject.ts";
import type { Declared } from "./declared.ts";
import { nodeProgram, yamlProgram } from "./programs.ts";

/** One of the two variants of the provider, SDK or plugin, and what users see differently with it. */
export interface Variant {
  /** For test titles. */
  readonly name: string;
  /** The language of its programs. */
  readonly options: Pick<ProjectOptions, "language" | "plugin">;
  /** The type of its mappings in a URN. */
  readonly type: string;
  /** The setting for the AWS region that existing configurations have. A plugin does not get the settings of other packages. */
  readonly regionKey: string;
  /**
   * Whether each preview and each update reads the entries first: then Pulumi's own diff shows drift, a removed entry is created, and a
   * delete uses what was read. Otherwise drift is a warning and a property of the resource, and a removed entry is an update.
   */
  readonly readsFirst: boolean;
  /** Whether a check can detect a preview, and then adds to the output. */
  readonly knowsPreviews: boolean;
  /** A program with these mappings. */
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
 * Both, for suites that test the differences between them: each run tests a `sample`, the first, whose programs take half the time. Common
 * behaviour is tested with one of them.
 */
export const variants = [pluginVariant, sdkVariant] as const;

/** The URN of a mapping in a project with the default name. */
export function urnOf({ type }: Variant, name: string): string {
  return `urn:pulumi:test::test::${type}::${name}`;
}

/** Expects that a preview with `--diff` shows a manual edit of one value, and that an update reverts it. */
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
    const q = String.raw`\\"`;
    const change = `the cluster has ${q}${live}${q} \\(last written by [^)]+\\); pulumi up restores ${q}${declared}${q}`;
    expect(output).toMatch(new RegExp(`${property}: "${change}`));
  }
}
