import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, describe, it } from "vitest";
import type { TestProject } from "../support/engine/testProject.ts";
import { checkTypes } from "./support/checkTypes.ts";
import { type InstalledProgramOptions, installProgram } from "./support/installedProgram.ts";
import { lowestVersions } from "./support/lowestVersions.ts";
import { pnpm, yarn } from "./support/packageManagers.ts";
import { roundTrip } from "./support/roundTrip.ts";

interface Consumer extends InstalledProgramOptions {
  readonly program: string;
  /** What has to be done after the installation. */
  readonly prepare?: (directory: string) => Promise<unknown>;
  /** Where the program runs. Default: the project's directory. */
  readonly runsIn?: string;
}

const consumers: Readonly<Record<string, Consumer>> = {
  "TypeScript as an ES module, with npm": { program: "typescript-esm", prepare: checkTypes },
  "TypeScript, with Yarn and node_modules": { program: "typescript", manager: yarn, prepare: checkTypes },
  "a program that esbuild bundled, this package included": { program: "bundled", prepare: bundle, runsIn: "build" },
  "a workspace whose packages share mappings, with pnpm": {
    program: "monorepo",
    manager: pnpm,
    runsIn: "packages/infra",
  },
  "a company's component that wraps mappings, with pnpm": {
    program: "component",
    manager: pnpm,
    companyPackages: ["company-access"],
  },
  "the lowest version of @pulumi/pulumi": { program: "typescript", versions: lowestVersions, prepare: checkTypes },
};

// An installation takes a minute on a busy machine with empty caches.
describe("the packed package works for", { timeout: 600_000 }, () => {
  let project: TestProject | undefined;
  afterEach(() => project?.remove());

  it.each(Object.entries(consumers))("%s", async (_, { program, prepare, runsIn, ...options }) => {
    project = await installProgram(program, options);
    await prepare?.(project.directory);
    await roundTrip(project, runsIn);
  });
});

/** Pulumi's own package cannot be bundled: the engine's plugin and the program share its modules. */
async function bundle(directory: string): Promise<void> {
  await build({
    entryPoints: [join(directory, "src", "index.ts")],
    outfile: join(directory, "build", "index.js"),
    bundle: true,
    platform: "node",
    external: ["@pulumi/pulumi"],
    logLevel: "error",
  });
}
