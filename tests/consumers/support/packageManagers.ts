import { join } from "node:path";
import { repository } from "../../support/engine/testProject.ts";
import { cacheDirectory } from "../../support/parts/cacheDirectory.ts";
import { runCommand } from "./runCommand.ts";

/** A package manager, and how it lays packages out. */
export interface PackageManager {
  /** Installs what the package.json of `directory` asks for, from its cache where it can. */
  install(directory: string): Promise<void>;
  /** What the manager's own `exec` adds to the environment, once everything is installed. */
  environment(directory: string): Promise<Readonly<Record<string, string>>>;
}

const nothing = () => Promise.resolve({});

/** npm: a flat node_modules. */
export const npm: PackageManager = {
  async install(directory) {
    await runCommand("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: directory });
  },
  environment: nothing,
};

// Otherwise pnpm asks which packages may run install scripts, and fails without an answer.
const ignoreScripts = "--ignore-scripts";

/** pnpm: a strict node_modules, in which a package finds only what it depends on itself. */
export const pnpm: PackageManager = {
  async install(directory) {
    const store = join(cacheDirectory(), "pnpm-store");
    const program = join(repository, "node_modules", ".bin", "pnpm");
    await runCommand(program, ["install", "--prefer-offline", "--store-dir", store, ignoreScripts], { cwd: directory });
  },
  environment: nothing,
};

/** Yarn with `nodeLinker: node-modules`. */
export const yarn: PackageManager = {
  install: (directory) => installWithYarn(directory, { YARN_NODE_LINKER: "node-modules" }),
  environment: nothing,
};

/** Yarn as it comes: Plug'n'Play, without any node_modules. */
export const yarnPlugAndPlay: PackageManager = {
  install: (directory) => installWithYarn(directory, {}),
  async environment(directory) {
    const print = "process.stdout.write(process.env.NODE_OPTIONS)";
    return { NODE_OPTIONS: await runYarn(["exec", "node", "-e", print], directory, {}) };
  },
};

async function installWithYarn(directory: string, env: Readonly<Record<string, string>>): Promise<void> {
  await runYarn(["install"], directory, env);
}

async function runYarn(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const program = join(repository, "node_modules", "@yarnpkg", "cli-dist", "bin", "yarn.js");
  // Yarn reads no configuration of npm's; the registry is the machine's affair.
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
