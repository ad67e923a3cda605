import { expect } from "vitest";
import { mappingTypes } from "../engine/state.ts";
import type { Outcome, ProjectOptions } from "../engine/testProject.ts";
import type { Declared } from "./declared.ts";
import { nodeProgram } from "./nodeProgram.ts";
import { pluginProgram } from "./yamlProgram.ts";

/** One of the two ways from a program to the lifecycle, and what a user sees otherwise through it. */
export interface Door {
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
  /**
   * Whether a check knows that it is a preview's, and the provider hears of its end: then it adds to what is shown, and tells of what the
   * program no longer maps.
   */
  readonly knowsPreviews: boolean;
  /** Whether a claim is made with what the options ignore. A plugin hears of them when it compares for the first time. */
  readonly knowsOptions: boolean;
  /** The stack `test` of a project in the labels of claims. A plugin is not told the organization. */
  stackName(project: string): string;
  /** A program of these mappings. */
  program(mappings: Declared, outputs?: Readonly<Record<string, unknown>>): string;
}

const [dynamicType, pluginType] = mappingTypes;

/** The dynamic resource of the npm package, in a Node program. */
export const dynamicDoor: Door = {
  name: "dynamic resource",
  options: { language: "nodejs" },
  type: dynamicType,
  regionKey: "aws:region",
  readsFirst: false,
  knowsPreviews: true,
  knowsOptions: true,
  stackName: (project) => `organization/${project}/test`,
  program: (mappings, outputs) => nodeProgram(mappings, outputs),
};

/** The resource plugin, with a YAML program. */
export const pluginDoor: Door = {
  name: "resource plugin",
  options: { language: "yaml" },
  type: pluginType,
  regionKey: "aws-auth:region",
  readsFirst: true,
  knowsPreviews: false,
  knowsOptions: false,
  stackName: (project) => `${project}/test`,
  program: pluginProgram,
};

/**
 * Both, for suites that show what differs between them: at every run a `sample`, the first, whose programs take half the time. What is the
 * same behind either is shown through one of them.
 */
export const doors = [pluginDoor, dynamicDoor] as const;

/** The URN of a mapping of a project that has the default name. */
export function urnOf({ type }: Door, name: string): string {
  return `urn:pulumi:test::test::${type}::${name}`;
}

/** What somebody changed of an entry by hand. */
export interface HandEdit {
  readonly property: "username" | "groups";
  /** The value that it had, of groups the one that was replaced. */
  readonly declared: string;
  readonly live: string;
}

/** Expects of a preview with `--diff` that it shows a hand edit, and that an update corrects it. */
export function expectHandEdit({ readsFirst }: Door, preview: Outcome, { property, declared, live }: HandEdit): void {
  expect(preview.code).toBe(0);
  if (readsFirst) {
    const name = property === "groups" ? "[0]" : property;
    expect(preview.output).toContain(`~ ${name}: "${declared}" => "${live}"`);
    expect(preview.output).toContain(`~ ${name}: "${live}" => "${declared}"`);
  } else {
    expect(preview.output).toContain(`${property}: "cluster has ${live}; up restores ${declared}"`);
  }
}
