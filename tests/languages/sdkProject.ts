import { globSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { TestProject } from "../support/engine/testProject.ts";
import { cacheDirectory } from "../support/parts/cacheDirectory.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";
import type { PartName } from "../support/parts/recipes.ts";
import type { LanguageOptions } from "./language.ts";

/** How a project in a language with generated SDKs begins. */
export interface Beginning {
  /** What `Pulumi.yaml` says of the language. */
  readonly runtime: string;
  /** The files beside it, before a package is added. */
  readonly files: Readonly<Record<string, string>>;
}

/** What a project in a language is made with: its host, and what keeps the downloads of its tools between runs. */
export async function optionsOf(
  host: Extract<PartName, `pulumi-language-${string}`>,
  env: Readonly<Record<string, string>>,
): Promise<LanguageOptions> {
  const { [host]: part } = await ensureParts([host]);
  return { programs: [part.directory], env };
}

/** A directory that is kept between runs. */
export function kept(...names: string[]): string {
  return join(cacheDirectory(), "programs", ...names);
}

/** Lays out a project, and adds the SDK as a user does: the CLI generates it, and installs it with its dependencies. */
export async function begin(project: TestProject, { runtime, files }: Beginning): Promise<void> {
  await project.write("Pulumi.yaml", `name: ${project.name}\nruntime: ${runtime}\n`);
  for (const [name, text] of Object.entries(files)) {
    await project.write(name, text);
  }
  // The start script, since the Node.js host that can be built from source is too old to run a plugin's folder.
  const [plugin = ""] = globSync(join(project.directory, ".pulumi-home/plugins/resource-*/pulumi-resource-aws-auth"));
  const added = await project.cli("package", "add", plugin);
  expect(added).toMatchObject({ code: 0, output: expect.stringContaining("Added package") });
}
