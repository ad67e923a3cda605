import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../consumers/support/runCommand.ts";
import { repository } from "../support/engine/testProject.ts";

/**
 * Brings an earlier version of this package into a directory of its own and builds it with its own dependencies: the newest
 * release that is no part of this commit's own version, or, before the first release, the first commit that could make a mapping.
 *
 * @returns the directory, and the commit that it holds.
 * @throws Error where the clone has no history to take it from.
 */
export async function buildEarlierVersion(): Promise<{ directory: string; commit: string }> {
  const commit = (await latestRelease()) ?? (await firstMapping());
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-earlier-"));
  const archive = join(directory, "sources.tar");
  await git("archive", "--output", archive, commit);
  await runCommand("tar", ["-xf", archive, "-C", directory], { cwd: directory });
  await runCommand("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: directory });
  // The program and this version share one Pulumi SDK.
  const pulumi = join("node_modules", "@pulumi", "pulumi");
  await rm(join(directory, pulumi), { recursive: true });
  await symlink(join(repository, pulumi), join(directory, pulumi));
  const compiler = join(directory, "node_modules", "typescript", "bin", "tsc");
  await runCommand(process.execPath, [compiler, "-p", "tsconfig.build.json"], { cwd: directory });
  return { directory, commit };
}

async function latestRelease(): Promise<string | undefined> {
  const tags = await git("tag", "--list", "v*", "--merged", "HEAD~1", "--sort=-version:refname");
  return tags.split("\n").find((tag) => tag !== "");
}

async function firstMapping(): Promise<string> {
  if ((await git("rev-parse", "--is-shallow-repository")).trim() === "true") {
    throw new Error('this clone has no history to take an earlier version from; run "git fetch --unshallow --tags"');
  }
  const commits = await git("log", "--diff-filter=A", "--format=%H", "--", "sdk/identityMapping.ts");
  const first = commits.trim().split("\n").at(-1);
  if (first === undefined || first === "") {
    throw new Error("no commit of this repository adds sdk/identityMapping.ts; run this test in a clone");
  }
  return first;
}

function git(...args: readonly string[]): Promise<string> {
  return runCommand("git", args, { cwd: repository });
}
