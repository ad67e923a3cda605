import { join } from "node:path";
import { repository } from "../engine/testProject.ts";
import { cacheDirectory } from "../parts/cacheDirectory.ts";
import { runCommand } from "./packing.ts";

/**
 * Installs the dependencies of a directory's package.json, preferably from the manager's cache. Returns the environment variables that the
 * manager's own `exec` adds.
 */
export type PackageManager = (directory: string) => Promise<Readonly<Record<string, string>>>;

/** npm: a flat node_modules. */
export const npm: PackageManager = async (cwd) => {
  await runCommand("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], { cwd });
  return {};
};

/** pnpm: a strict node_modules, in which a package resolves only its own dependencies. */
export const pnpm: PackageManager = async (cwd) => {
  const program = join(repository, "node_modules", ".bin", "pnpm");
  const store = join(cacheDirectory(), "pnpm-store");
  // Otherwise pnpm asks which packages may run install scripts, and fails without an answer.
  const options = ["--prefer-offline", "--store-dir", store, "--ignore-scripts"];
  await runCommand(program, ["install", ...options], { cwd });
  return {};
};

/** Yarn with `nodeLinker: node-modules`. */
export const yarn: PackageManager = async (directory) => {
  await runYarn(["install"], directory, { YARN_NODE_LINKER: "node-modules" });
  return {};
};

/** Yarn with its defaults: Plug'n'Play, without node_modules. */
export const yarnPlugAndPlay: PackageManager = async (directory) => {
  await runYarn(["install"], directory);
  const print = "process.stdout.write(process.env.NODE_OPTIONS)";
  return { NODE_OPTIONS: await runYarn(["exec", "node", "-e", print], directory) };
};

async function runYarn(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const program = join(repository, "node_modules", "@yarnpkg", "cli-dist", "bin", "yarn.js");
  // Yarn ignores npm's configuration; the registry is a setting of the machine.
  const registry = (await runCommand("npm", ["config", "get", "registry"], { cwd })).trim();
  return runCommand(process.execPath, [program, ...args], {
    cwd,
    env: {
      YARN_NPM_REGISTRY_SERVER: registry,
      ...(registry.startsWith("http:") ? { YARN_UNSAFE_HTTP_WHITELIST: "*" } : {}),
      YARN_GLOBAL_FOLDER: join(cacheDirectory(), "yarn"),
      YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
      YARN_ENABLE_TELEMETRY: "0",
      ...env,
    },
  });
}
