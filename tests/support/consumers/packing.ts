import { execFile } from "node:child_process";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../engine/testProject.ts";

/** The output of `npm pack`. */
export interface Tarball {
  /** File name in the destination directory. */
  readonly filename: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[];
}

/**
 * Runs a command to its end in a user's shell environment.
 *
 * @param env variables in addition to those of the tests.
 * @returns its standard output.
 * @throws with its whole output, if it fails.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  const running = promisify(execFile)(command, args, {
    cwd,
    env: { ...shellEnvironment(), ...env },
    maxBuffer: 2 ** 26,
  });
  running.child.stdin?.end();
  return (await running).stdout;
}

/** Packs the built package, or another one, into `destination`. */
export async function packInto(destination: string, source: string = repository): Promise<Tarball> {
  return pack(source, "--pack-destination", destination);
}

/** The files that a pack of the built package contains. */
export async function packedFiles(): Promise<Tarball> {
  return pack(repository, "--dry-run");
}

/**
 * Replaces the node_modules of `directory` by one with the packed package and, as with npm, its dependencies beside it, which are links to
 * this repository's. This takes one second instead of the ten of an installation.
 *
 * @param source the directory that is packed. Default: this repository.
 * @param others further packages that the program needs, and packages that are linked anyway.
 */
export async function unpackInto(
  directory: string,
  source = repository,
  others: readonly string[] = [],
): Promise<void> {
  const modules = join(directory, "node_modules");
  const target = join(modules, "pulumi-aws-auth");
  await rm(modules, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const { filename } = await packInto(directory, source);
  await runCommand("tar", ["-xzf", filename, "-C", target, "--strip-components=1"], { cwd: directory });
  const { dependencies } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  for (const name of new Set(["@pulumi/pulumi", ...Object.keys(dependencies), ...others])) {
    if (name !== "pulumi-aws-auth") {
      await mkdir(join(modules, name, ".."), { recursive: true });
      await symlink(join(source, "node_modules", name), join(modules, name));
    }
  }
}

async function pack(source: string, ...args: readonly string[]): Promise<Tarball> {
  const printed = await runCommand("npm", ["pack", "--json", "--ignore-scripts", ...args], { cwd: source });
  const [tarball]: readonly [Tarball] = JSON.parse(printed);
  return tarball;
}

/** Without the variables that `npm run` sets for a script: a package manager would use them as its own. */
export function shellEnvironment(): NodeJS.ProcessEnv {
  const isOfScript =
    /^(npm_(package|lifecycle)_|npm_config_local_prefix$|npm_(command|execpath|node_execpath)$|INIT_CWD$|NODE_ENV$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOfScript.test(name)));
}
