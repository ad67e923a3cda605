import { spawn } from "node:child_process";
import { chmod, copyFile, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory, makeStagingDirectory } from "./cacheDirectory.ts";
import { PartError } from "./partError.ts";
import { type CopyRecipe, type GoRecipe, moduleDirectory } from "./recipes.ts";

/** Builds one program from its pinned module into `directory`, with Go's own output kept for the error. */
export async function goBuild(go: string, recipe: GoRecipe, directory: string): Promise<void> {
  const flags = ["-s", "-w", ...Object.entries(recipe.variables).map(([name, value]) => `-X ${name}=${value}`)];
  const output = join(directory, recipe.program);
  await mkdir(goDirectory("tmp"), { recursive: true });
  const args = ["build", "-mod=readonly", "-trimpath", "-ldflags", flags.join(" "), "-o", output, recipe.package];
  await run(go, args, moduleDirectory(recipe), recipe.program);
}

/** Copies one program out of its pinned module into `directory`. */
export async function goCopy(go: string, recipe: CopyRecipe, directory: string): Promise<void> {
  const args = ["mod", "download", "-json", recipe.goModule];
  const { Dir: module } = JSON.parse(await run(go, args, moduleDirectory(recipe), recipe.program));
  const file = join(directory, recipe.program);
  await copyFile(join(module, recipe.path), file);
  await chmod(file, 0o755);
}

/**
 * Gives up the modules and object files of finished builds, 6 GB that the programs no longer need: moves them, in one step, to where
 * the staging directories are cleared. Go would take a module that is removed in part for a whole one, and every later build would
 * fail.
 */
export async function discardGoCaches(): Promise<void> {
  await rename(goDirectory(), join(await makeStagingDirectory("go"), "caches"));
}

/**
 * Go's settings for a build for this machine: nothing is written outside our cache directory, and a user's own settings (proxy,
 * toolchain choice) stay in force. GOTOOLCHAIN is among them: where it is "auto", an older Go fetches the needed one into the same
 * cache; where it is "local", Go says what it needs.
 */
function goEnvironment(): NodeJS.ProcessEnv {
  const { GOOS, GOARCH, ...inherited } = process.env;
  return {
    ...inherited,
    GOMODCACHE: goDirectory("mod"),
    GOCACHE: goDirectory("build"),
    GOPATH: goDirectory("path"),
    GOTMPDIR: goDirectory("tmp"),
    // Go's counters go to the user's configuration directory otherwise.
    TEST_TELEMETRY_DIR: goDirectory("telemetry"),
    GOFLAGS: "-modcacherw",
    GOWORK: "off",
    // Pure Go needs no C compiler, and the programs run on any libc.
    CGO_ENABLED: "0",
  };
}

function goDirectory(...names: string[]): string {
  return join(cacheDirectory(), "go", ...names);
}

async function run(command: string, args: string[], cwd: string, what: string): Promise<string> {
  const child = spawn(command, args, { cwd, env: goEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  const kill = (): void => void child.kill("SIGTERM");
  process.once("exit", kill);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once("error", reject).once("close", resolve),
    );
    if (code !== 0) {
      throw new PartError(`building ${what} failed: ${summary(said)}`);
    }
    return output;
  } finally {
    process.off("exit", kill);
  }
}

/** Go's own words without its list of downloads. */
function summary(said: string): string {
  const lines = said.split("\n").map((line) => line.trim());
  return (
    lines
      .filter((line) => line !== "" && !line.startsWith("go: downloading "))
      .slice(-3)
      .join("; ") || "go was stopped"
  );
}
