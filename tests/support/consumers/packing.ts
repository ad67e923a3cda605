import { execFile } from "node:child_process";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { repository } from "../engine/testProject.ts";

/** What `npm pack` made, or would make. */
export interface Tarball {
  /** Its name in the directory that it was packed into. */
  readonly filename: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[];
}

/**
 * Runs a command to its end, as somebody would in a shell of their own.
 *
 * @param env variables in addition to those of the tests.
 * @returns what it printed on standard output.
 * @throws with all that it printed, if it fails.
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

/** What a pack of the built package would hold. */
export async function packedFiles(): Promise<Tarball> {
  return pack(repository, "--dry-run");
}

/**
 * Puts the packed package into the node_modules of `directory`, which it replaces, as npm would: its dependencies lie beside it,
 * and are links to those of its sources. It takes a second, where an installation takes ten.
 *
 * @param source the directory that is packed. Default: this repository.
 * @param others further packages that the program itself needs, and packages that come along anyway.
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

/** Without the variables that `npm run` sets for a script: a package manager would take them for its own. */
function shellEnvironment(): NodeJS.ProcessEnv {
  const isOfScript =
    /^(npm_(package|lifecycle)_|npm_config_local_prefix$|npm_(command|execpath|node_execpath)$|INIT_CWD$|NODE_ENV$|VITEST)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOfScript.test(name)));
}
