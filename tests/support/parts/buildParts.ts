import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { chmod, copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory, PartError, progress, removeDirectory } from "./cacheDirectory.ts";
import { moduleDirectory, type PartName, type Program, type Recipe, recipes } from "./recipes.ts";

/** The oldest Go that the pinned modules accept. */
export const neededGo = "1.26";

const downloadMs = 300_000;

/** The cache entry of a part, if it is complete. */
export function findInCache(name: PartName): string | undefined {
  const directory = entryDirectory(name);
  return isComplete(name, directory) ? directory : undefined;
}

/**
 * Builds or downloads the given parts into the cache, one after another: one Go build uses all cores, and a later build reuses the objects
 * of an earlier one. The caller must hold the build lock.
 *
 * @throws PartError if there is no Go or a build fails; finished parts are kept.
 */
export async function buildParts(names: readonly PartName[]): Promise<void> {
  // Removes the files of a killed build. Go would treat a partly removed module as complete.
  await removeDirectory(staging());
  for (const name of names) {
    const recipe: Recipe = recipes[name];
    const staged = staging(name);
    await mkdir(staged, { recursive: true });
    if (recipe.isRelease !== true || !(await download(name, staged))) {
      await build(name, staged);
    }
    // Other processes see all programs or none. An incomplete entry is replaced.
    await removeDirectory(entryDirectory(name));
    await rename(staged, entryDirectory(name));
  }
  // Includes Go's modules and object files, several GB that the programs do not need.
  await removeDirectory(staging());
}

function entryDirectory(name: PartName): string {
  return join(cacheDirectory(), `${name}-${recipes[name].version}`);
}

function staging(...names: string[]): string {
  return join(cacheDirectory(), "staging", ...names);
}

function isComplete(name: PartName, directory: string): boolean {
  return recipes[name].programs.every(({ file }) => isExecutable(join(directory, file)));
}

/** Downloads a release of Pulumi, if the internet is reachable. */
async function download(name: PartName, directory: string): Promise<boolean> {
  const archive = staging(`${name}.tar.gz`);
  const file = `pulumi-v${recipes[name].version}-${process.platform}-${process.arch}.tar.gz`;
  try {
    const response = await fetch(`https://get.pulumi.com/releases/sdk/${file}`, {
      signal: AbortSignal.timeout(downloadMs),
    });
    if (!response.ok || response.body === null) {
      throw new Error(`status ${response.status}`);
    }
    await writeFile(archive, response.body);
    await run("tar", ["-xzf", archive, "-C", directory, "--strip-components=1"]);
  } catch (error) {
    progress(`${file} cannot be downloaded here (${error instanceof Error ? error.message : error})`);
  }
  return isComplete(name, directory);
}

async function build(name: PartName, directory: string): Promise<void> {
  const { version, cost, programs } = recipes[name];
  const label = `${name} ${version}`;
  const go = findOnPath("go");
  if (go === undefined) {
    throw new PartError(`there is no Go on PATH to build ${label}`);
  }
  progress(`building ${label} with Go (${cost} on two cores, once; needs Go ${neededGo} or newer)`);
  const started = Date.now();
  const seconds = (): number => Math.round((Date.now() - started) / 1000);
  const timer = setInterval(() => progress(`still building ${label}, ${seconds()} s`), 30_000);
  try {
    for (const program of programs) {
      await buildProgram(go, program, join(directory, program.file));
    }
    progress(`built ${label} in ${seconds()} s`);
  } catch (error) {
    throw new PartError(`building ${label} failed: ${summaryOf(error)}`, { cause: error });
  } finally {
    clearInterval(timer);
  }
}

async function buildProgram(go: string, program: Program, output: string): Promise<void> {
  if ("text" in program) {
    await writeFile(output, program.text);
  } else if ("path" in program) {
    const args = ["mod", "download", "-json", program.goModule];
    const { Dir: module } = JSON.parse(await run(go, args, moduleDirectory(program.module)));
    await copyFile(join(module, program.path), output);
  } else {
    const { module, package: source = ".", variables = {} } = program;
    const flags = ["-s", "-w", ...Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`)];
    const args = ["build", "-mod=readonly", "-trimpath", "-ldflags", flags.join(" "), "-o", output, source];
    await mkdir(staging("go", "tmp"), { recursive: true });
    await run(go, args, moduleDirectory(module));
  }
  await chmod(output, 0o755);
}

/** Runs a command that is killed if this process exits, and returns its output. */
async function run(command: string, args: readonly string[], cwd?: string): Promise<string> {
  const running = promisify(execFile)(command, args, { cwd, env: goEnvironment(), maxBuffer: 2 ** 26 });
  const kill = (): void => void running.child.kill();
  process.once("exit", kill);
  try {
    return (await running).stdout;
  } finally {
    process.off("exit", kill);
  }
}

/**
 * Go's environment for a build for this machine: it writes only to our cache directory, and keeps the user's settings (proxy, toolchain
 * choice). With GOTOOLCHAIN "auto", an older Go downloads the needed one into the same cache; with "local", Go reports the version that it
 * needs.
 */
function goEnvironment(): NodeJS.ProcessEnv {
  const { GOOS, GOARCH, ...inherited } = process.env;
  return {
    ...inherited,
    GOMODCACHE: staging("go", "mod"),
    GOCACHE: staging("go", "build"),
    GOPATH: staging("go", "path"),
    GOTMPDIR: staging("go", "tmp"),
    // Go's telemetry is otherwise written to the user's configuration directory.
    TEST_TELEMETRY_DIR: staging("go", "telemetry"),
    GOFLAGS: "-modcacherw",
    GOWORK: "off",
    // Pure Go needs no C compiler, and the programs run on any libc.
    CGO_ENABLED: "0",
  };
}

/** Go's error message without its list of downloads. */
function summaryOf(error: unknown): string {
  const output = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  const lines = output.split("\n").map((line) => line.trim());
  const ofGo = lines.filter((line) => line !== "" && !line.startsWith("go: downloading "));
  return ofGo.slice(-3).join("; ") || "go was stopped";
}

/** Whether `file` is a file that this user may execute. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The program's file in the first PATH directory that contains it, like a shell. */
export function findOnPath(program: string): string | undefined {
  const { PATH: path = "" } = process.env;
  for (const directory of path.split(delimiter)) {
    // A relative entry depends on the working directory of each process, so it cannot be part of a result.
    if (isAbsolute(directory) && isExecutable(join(directory, program))) {
      return join(directory, program);
    }
  }
  return undefined;
}
