import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { programsOf } from "./buildParts.ts";
import { entryDirectory, makeStagingDirectory, publish, removeDirectory } from "./cacheDirectory.ts";
import { progress } from "./progress.ts";
import type { Recipe } from "./recipes.ts";

const reachMs = 15_000;
const downloadMs = 300_000;

/**
 * Gets a Pulumi CLI with its own installer, `PulumiCommand.install` of the Automation API, into the cache. Says whether that worked:
 * without the internet it gives up within 15 s, and a build from source is the next way.
 */
export async function installPulumi(recipe: Recipe): Promise<boolean> {
  const staged = await makeStagingDirectory("pulumi-installer");
  const temporary = join(staged, "tmp");
  await mkdir(temporary, { recursive: true });
  progress(`trying Pulumi's own installer for ${recipe.version}`);
  try {
    const reason = await runInstaller(join(staged, "root"), recipe.version, temporary);
    if (reason !== undefined) {
      progress(`Pulumi's installer did not work here (${reason})`);
      return false;
    }
    await publish(join(staged, "root", "bin"), entryDirectory(recipe), programsOf(recipe));
    return true;
  } finally {
    await removeDirectory(staged);
  }
}

/** Runs the installer as a process group of its own, since it starts a shell and downloads that must end with it. */
async function runInstaller(root: string, version: string, temporary: string): Promise<string | undefined> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "pulumiInstallerProcess.ts"), root, version], {
    detached: true,
    // The installer's downloads go to TMPDIR and its settings to PULUMI_HOME; both end with the staging directory.
    env: { ...process.env, TMPDIR: temporary, PULUMI_HOME: join(temporary, "home") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const kill = (): void => killGroup(child.pid);
  process.once("exit", kill);
  let said = "";
  let late = false;
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const giveUp = (): void => {
    late = true;
    kill();
  };
  // The short limit is for reaching the installer; once its script has come, the download may take its time.
  const timer = setTimeout(() => {
    if (readdirSync(temporary).length === 0) {
      giveUp();
    }
  }, reachMs);
  const limit = setTimeout(giveUp, downloadMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once("error", reject).once("close", resolve),
    );
    if (code === 0) {
      return undefined;
    }
    return late ? "no response in time" : said.trim().split("\n").at(-1) || "no reason given";
  } finally {
    clearTimeout(timer);
    clearTimeout(limit);
    process.off("exit", kill);
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, "SIGKILL");
    }
  } catch {
    // It has ended already.
  }
}
