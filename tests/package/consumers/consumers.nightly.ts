import { mkdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { build } from "esbuild";
import { afterEach, describe, expect, it } from "vitest";
import {
  type InstalledProgramOptions,
  installProgram,
  lowestVersions,
} from "../../support/consumers/installedProgram.ts";
import { pnpm, yarn, yarnPlugAndPlay } from "../../support/consumers/packageManagers.ts";
import { runCommand } from "../../support/consumers/packing.ts";
import { roundTrip } from "../../support/consumers/roundTrip.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";

interface Consumer extends InstalledProgramOptions {
  readonly program: string;
  /** Runs after the installation. */
  readonly prepare?: (directory: string) => Promise<unknown>;
  /** The program's directory within the project. Default: the project's directory. */
  readonly runsIn?: string;
  /** Additional checks. */
  readonly verify?: (project: TestProject) => Promise<void>;
}

const component = { program: "component", companyPackages: ["company-access"] };
const consumers: Readonly<Record<string, Consumer>> = {
  "JavaScript, with npm and no other package": { program: "javascript", verify: checkWithoutOtherPackages },
  "JavaScript, with Yarn's Plug'n'Play under `yarn exec pulumi`": {
    program: "javascript",
    manager: yarnPlugAndPlay,
    verify: checkWithoutYarn,
  },
  "TypeScript as an ES module, with npm": { program: "typescript-esm", prepare: checkTypes },
  "TypeScript, with Yarn and node_modules": { program: "typescript", manager: yarn, prepare: checkTypes },
  "a program bundled by esbuild together with this package": { program: "bundled", prepare: bundle, runsIn: "build" },
  "a workspace whose packages share mappings, with pnpm": {
    program: "monorepo",
    manager: pnpm,
    runsIn: "packages/infra",
  },
  "a company's component that wraps mappings, with pnpm": { ...component, manager: pnpm },
  "a company's component that depends on this package, with npm": { ...component, without: ["pulumi-aws-auth"] },
  "the lowest version of @pulumi/pulumi": { program: "typescript", versions: lowestVersions, prepare: checkTypes },
};

// An installation takes a minute on a busy machine with empty caches.
describe("the packed package", { timeout: 600_000 }, () => {
  let project: TestProject | undefined;
  afterEach(() => project?.remove());

  it.each(Object.entries(consumers))("works in: %s", async (_, { program, prepare, runsIn, verify, ...options }) => {
    project = await installProgram(program, options);
    await prepare?.(project.directory);
    await roundTrip(project, runsIn);
    await verify?.(project);
  });

  it("reports this package as a missing dependency if pnpm hides it from the program", async () => {
    project = await installProgram("component", { ...component, manager: pnpm, without: ["pulumi-aws-auth"] });
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain('run "npm install pulumi-aws-auth" there');
    expect(output).not.toContain("    at ");
  });

  it("works in: an inline program of the Automation API", async () => {
    project = await installProgram("automation");
    const { pulumi } = await ensureParts(["pulumi"]);
    const state = join(project.directory, "inline-state");
    await mkdir(state);
    const printed = await runCommand(process.execPath, ["index.js"], {
      cwd: project.directory,
      env: {
        PATH: [pulumi.directory, dirname(process.execPath), process.env["PATH"]].join(delimiter),
        PULUMI_HOME: join(project.directory, ".pulumi-home"),
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "1",
      },
    });
    expect(JSON.parse(printed)).toEqual({ made: { create: 3 }, username: "dev", again: { same: 3 } });
    expect(await project.read("aws-auth.yaml")).not.toMatch(/rolearn|012345678901/);
  });
});

/** Type-checks the program with the user's compiler and module format. */
async function checkTypes(directory: string): Promise<void> {
  await runCommand(join(directory, "node_modules", ".bin", "tsc"), ["--noEmit"], { cwd: directory });
}

/** Excludes @pulumi/pulumi: the engine's plugin and the program share its modules. */
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

/** Checks that the command line runs, and that a component without @pulumi/kubernetes names it without a stack trace. */
async function checkWithoutOtherPackages(project: TestProject): Promise<void> {
  const cwd = project.directory;
  const tool = join(cwd, "node_modules", ".bin", "pulumi-aws-auth");
  expect(JSON.parse(await runCommand(tool, ["get", "--manifest", "aws-auth.yaml", "-o", "json"], { cwd }))).toEqual([]);
  await project.program('new awsAuth.ServiceIdentityMapping("a", { serviceName: "emr-containers", namespace: "b" });');
  const { code, output } = await project.preview();
  expect(code).not.toBe(0);
  expect(output).toContain(
    'requires the package @pulumi/kubernetes, which is not installed; run "npm install @pulumi/kubernetes"',
  );
  expect(output).not.toContain("    at ");
}

/** Pulumi cannot start without `yarn exec`, as the README explains; remove that sentence if this fails. */
async function checkWithoutYarn(project: TestProject): Promise<void> {
  const { code, output } = await project.with({ NODE_OPTIONS: "" }).up();
  expect(code).not.toBe(0);
  expect(output).toContain("It looks like the Pulumi SDK has not been installed");
}
